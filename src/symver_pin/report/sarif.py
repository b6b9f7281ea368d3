"""SARIF 2.1.0 (OASIS), as code scanning takes it: a rule a kind of finding, a result a finding.

What code scanning wants beyond the standard: each result at a file of the checkout with a region, here its first line,
and a fingerprint that stays while the finding does. A file that could not be judged is a notification, not a result.
"""

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from symver_pin import __version__
from symver_pin.report.kinds import MEANINGS
from symver_pin.report.places import place_of
from symver_pin.verify.model import NOTES, FileVerdict, Finding, Kind, Report, printable

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_KINDS = tuple(MEANINGS)
#: A message names so many guilty symbols; JSON has them all.
_LISTED = 20


def render(report: Report) -> str:
    """The whole report as one SARIF log, indented, with a final newline."""
    run = {
        "tool": {
            "driver": {
                "name": "symver-pin",
                "semanticVersion": __version__,
                "version": __version__,
                "rules": [_rule(kind) for kind in _KINDS],
            }
        },
        "automationDetails": {"id": f"symver-pin/{report.target.label}/"},
        "invocations": [
            {
                "executionSuccessful": not report.errors,
                "exitCode": report.exit_status,
                "toolExecutionNotifications": [_notification(file) for file in report.files if file.error is not None],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [_result(file, finding) for file in report.files for finding in file.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _level(kind: Kind) -> str:
    return "note" if kind in NOTES else "error"


def _rule(kind: Kind) -> dict[str, Any]:
    meaning = MEANINGS[kind]
    return {
        "id": kind,
        "name": "".join(word.capitalize() for word in kind.split("-")),
        "shortDescription": {"text": meaning.title},
        "fullDescription": {"text": meaning.text},
        "help": {"text": f"{meaning.text} Each result says what to do about it."},
        "defaultConfiguration": {"level": _level(kind)},
    }


def _result(file: FileVerdict, finding: Finding) -> dict[str, Any]:
    names = [printable(symbol.name) for symbol in finding.symbols[:_LISTED]]
    if len(finding.symbols) > _LISTED:
        names.append(f"{len(finding.symbols) - _LISTED} more")
    parts = [printable(finding.message) + (f": {', '.join(names)}" if names else "")]
    if finding.advice:
        parts.append(finding.advice)
    identity = "\0".join((file.path, finding.kind, finding.file, finding.library or "", finding.version or ""))
    return {
        "ruleId": finding.kind,
        "ruleIndex": _KINDS.index(finding.kind),
        "level": _level(finding.kind),
        "message": {"text": ". ".join(parts) + "."},
        "locations": [_location(file.path)],
        "partialFingerprints": {
            "symverPin/v1": hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()
        },
    }


def _location(path: str) -> dict[str, Any]:
    place = place_of(path)
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": _artifact(place.file), "region": {"startLine": 1}}
    }
    if place.member:
        location["logicalLocations"] = [{"fullyQualifiedName": printable(place.member), "kind": "resource"}]
    return location


def _artifact(file: str) -> dict[str, str]:
    """A file below the working folder by its path from there, any other by its absolute one."""
    path = Path(file)
    if path.is_absolute():
        try:
            path = path.relative_to(Path.cwd())
        except ValueError:
            return {"uri": f"file://{_quoted(file)}"}
    return {"uri": _quoted(str(path)), "uriBaseId": _ROOT}


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def _notification(file: FileVerdict) -> dict[str, Any]:
    return {"level": "error", "message": {"text": printable(file.error or "")}, "locations": [_location(file.path)]}
