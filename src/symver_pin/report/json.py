"""The report as JSON, for programs. Keys and the names of kinds and verdicts are stable within one schema number.

Schema 1::

    {"schema": 1, "target": {"label", "glibc", "gcc"}, "exit_status": 0|1|2, "files": [{"path", "arch", "kind",
     "verdict": "ok"|"fails"|"error", "error", "highest", "highest_of": {family: node}, "lowest_glibc",
     "runs_on": [platform], "findings": [{"kind", "fails", "file", "message", "advice", "library", "version", "since",
     "symbols": [{"name", "since", "library", "older", "older_library", "used_by": [function]}]}]}]}

Releases are strings (``"2.34"``); platforms are the ids that ``symver-pin platforms``
lists; what is unknown or does not apply is null. ``used_by`` is there with ``--callers``, where it could be told.
"""

from __future__ import annotations

import json
from typing import Any

from symver_pin.maps.release import Release
from symver_pin.verify.model import FileVerdict, Finding, Guilty, Report

SCHEMA = 1


def render(report: Report) -> str:
    """The whole report as one JSON document, indented, with a final newline."""
    target = report.target
    document = {
        "schema": SCHEMA,
        "target": {"label": target.label, "glibc": str(target.glibc), "gcc": str(target.gcc)},
        "exit_status": report.exit_status,
        "files": [_file(file) for file in report.files],
    }
    return json.dumps(document, indent=2) + "\n"


def _file(file: FileVerdict) -> dict[str, Any]:
    return {
        "path": file.path,
        "arch": file.arch,
        "kind": file.kind,
        "verdict": file.verdict,
        "error": file.error,
        "highest": file.highest,
        "highest_of": dict(file.highest_of),
        "lowest_glibc": _release(file.lowest_glibc),
        "runs_on": [platform.id for platform in file.runs_on],
        "findings": [_finding(finding) for finding in file.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "fails": finding.fails,
        "file": finding.file,
        "message": finding.message,
        "advice": finding.advice,
        "library": finding.library,
        "version": finding.version,
        "since": _release(finding.since),
        "symbols": [_guilty(symbol) for symbol in finding.symbols],
    }


def _guilty(symbol: Guilty) -> dict[str, Any]:
    document = symbol._asdict() | {"since": _release(symbol.since)}
    if not symbol.used_by:
        del document["used_by"]
    return document


def _release(release: Release | None) -> str | None:
    return None if release is None else str(release)
