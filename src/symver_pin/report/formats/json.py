"""The report as JSON, for programs. Keys and the names of kinds and verdicts are stable within one schema number.

``verify.schema.json`` beside this file is the schema (JSON Schema 2020-12); ``symver-pin verify --json-schema`` prints
it. Releases are strings (``"2.34"``), platforms the ids that ``symver-pin platforms`` lists, a value that is unknown or
does not apply is null. ``needed`` are the libraries that a file, or all files together, need, each with its class.
``tool``, ``command``, ``time`` and the ``sha256`` of each file are there in a report of the command line; ``promise``
for a file of a package that says what it runs on, ``target`` if the file was verified for that.
``used_by`` is present with ``--callers`` or ``--link-map``, where it was found.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from symver_pin.findings import KINDS
from symver_pin.glibc.platforms import Platform, Target
from symver_pin.glibc.release import Release
from symver_pin.loader.verdict import FileVerdict, Finding, SymbolInfo
from symver_pin.report.platforms import failing
from symver_pin.report.provenance import Provenance
from symver_pin.report.writer import PLAIN, Line, Style, Totals, line_of, written
from symver_pin.verifier.report import Report

SCHEMA = 2


def schema_text() -> str:
    """The JSON Schema of what ``render`` returns; the kinds of findings in it come from ``findings.KINDS``."""
    schema = json.loads(Path(__file__).with_name("verify.schema.json").read_text(encoding="utf-8"))
    schema["$defs"]["finding"]["properties"]["kind"]["enum"] = list(KINDS)
    return json.dumps(schema, indent=2) + "\n"


class Writer:
    """Writes each file on a line of its own."""

    separator = ",\n"

    def __init__(
        self, target: Target, policy: str | None, platforms: tuple[Platform, ...], style: Style = PLAIN
    ) -> None:
        self._target, self._policy, self._platforms = target, policy, platforms
        self._provenance = style.provenance

    def line(self, file: FileVerdict) -> Line:
        """The object of one file."""
        return line_of(file, json.dumps(_file(file, self._platforms)))

    def head(self, totals: Totals) -> str:
        """Everything but the files."""
        document = {
            "schema": SCHEMA,
            **_origin(self._provenance),
            "target": _target(self._target),
            "policy": self._policy,
            "exit_status": totals.exit_status,
            "needed": [
                {"name": library.name, "class": library.origin, "files": count}
                for library, count in totals.needed_in_order()
            ],
        }
        return f'{json.dumps(document)[:-1]}, "files": [\n'

    def tail(self, _totals: Totals) -> str:
        """The end of the document."""
        return "\n]}\n"


def render(report: Report, style: Style = PLAIN) -> str:
    """The whole report as one JSON document with a final newline, each file on a line of its own."""
    return written(Writer(report.target, report.policy, report.platforms, style), report)


def _file(file: FileVerdict, platforms: tuple[Platform, ...]) -> dict[str, Any]:
    runs_on, is_judged = file.runs_on, file.verdict in ("ok", "fails")
    own: dict[str, Any] = {} if file.promise is None else {"promise": file.promise}
    own |= {} if file.target is None else {"target": _target(file.target)}
    own |= {} if file.sha256 is None else {"sha256": file.sha256}
    return own | {
        "path": file.path,
        "arch": file.arch,
        "kind": file.kind,
        "verdict": file.verdict,
        "error": file.error,
        "highest": file.highest,
        "highest_of": dict(file.highest_of),
        "lowest_glibc": _release(file.lowest_glibc),
        "loads_on": [str(release) for release in file.loads_on],
        "runs_on": [platform.id for platform in runs_on],
        "not_on": [platform.id for platform in failing(runs_on, platforms)] if is_judged else [],
        "needed": [{"name": library.name, "class": library.origin} for library in file.needed],
        "findings": [_finding(finding) for finding in file.findings],
    }


def _origin(provenance: Provenance | None) -> dict[str, Any]:
    if provenance is None:
        return {}
    tool = {"name": "symver-pin", "version": provenance.version}
    return {"tool": tool, "command": list(provenance.command), "time": provenance.time}


def _target(target: Target) -> dict[str, str]:
    return {"label": target.label, "glibc": str(target.glibc), "gcc": str(target.gcc)}


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
        "symbols": [_symbol(symbol) for symbol in finding.symbols],
    }


def _symbol(symbol: SymbolInfo) -> dict[str, Any]:
    document: dict[str, Any] = symbol._asdict() | {
        "since": _release(symbol.since),
        "used_by": [u._asdict() for u in symbol.used_by],
    }
    if not symbol.used_by:
        del document["used_by"]
    return document


def _release(release: Release | None) -> str | None:
    return None if release is None else str(release)
