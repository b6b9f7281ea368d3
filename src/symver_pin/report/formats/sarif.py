"""SARIF 2.1.0 (OASIS), for code scanning: one rule for each kind of finding, one result for each finding.

Code scanning needs more than the standard: each result at a file of the checkout with a region, here its first line,
and a fingerprint that stays while the finding does. A file that could not be judged is a notification, not a result.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from symver_pin import __version__
from symver_pin.findings import KINDS, NOTES
from symver_pin.glibc.platforms import Platform, Target
from symver_pin.loader.verdict import FileVerdict, Finding, printable
from symver_pin.report.places import loads_failing, message_of, place_of
from symver_pin.report.writer import PLAIN, Line, Style, Totals, line_of, written
from symver_pin.verifier.report import Report

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_NAMES = tuple(KINDS)
_LISTED = 20
"""A message names so many symbols; JSON has them all."""


_BODY = "results go here"


class Writer:
    """Writes the results of one file at a time; notifications stand behind them all."""

    separator = ",\n"

    def __init__(
        self, target: Target, _policy: str | None, _platforms: tuple[Platform, ...], _style: Style = PLAIN
    ) -> None:
        self._target = target

    def line(self, file: FileVerdict) -> Line:
        """The results of one file, and its notification if it could not be verified."""
        results = ",\n".join(_indented(result) for result in _results(file))
        extra = "" if file.error is None else json.dumps(_notification(file))
        return line_of(file, results, extra)

    def head(self, totals: Totals) -> str:
        """The log up to the first result."""
        return self._log(totals).partition(f'"{_BODY}"')[0].rstrip() + "\n"

    def tail(self, totals: Totals) -> str:
        """The log from the last result on."""
        return "\n" + self._log(totals).partition(f'"{_BODY}"')[2].lstrip("\n")

    def _log(self, totals: Totals) -> str:
        run = {
            "tool": {
                "driver": {
                    "name": "symver-pin",
                    "semanticVersion": __version__,
                    "version": __version__,
                    "rules": [_rule(kind) for kind in _NAMES],
                }
            },
            "automationDetails": {"id": f"symver-pin/{self._target.label}/"},
            "invocations": [
                {
                    "executionSuccessful": not totals.counts["error"],
                    "exitCode": totals.exit_status,
                    "toolExecutionNotifications": [json.loads(each) for each in totals.extra],
                }
            ],
            "columnKind": "unicodeCodePoints",
            "results": [_BODY],
        }
        return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _indented(result: dict[str, Any]) -> str:
    return "\n".join(f"        {line}" for line in json.dumps(result, indent=2).splitlines())


def render(report: Report, style: Style = PLAIN) -> str:
    """The whole report as one SARIF log, indented, with a final newline."""
    return written(Writer(report.target, report.policy, report.platforms, style), report)


def _level(kind: str) -> str:
    return "note" if kind in NOTES else "error"


def _rule(kind: str) -> dict[str, Any]:
    meaning = KINDS[kind]
    text = meaning.explanation.replace("`", "")
    return {
        "id": kind,
        "name": "".join(word.capitalize() for word in kind.split("-")),
        "shortDescription": {"text": meaning.title},
        "fullDescription": {"text": text, "markdown": meaning.explanation},
        "help": {"text": f"{text} Each result says what to do about it."},
        "defaultConfiguration": {"level": _level(kind)},
    }


def _results(file: FileVerdict) -> Iterator[dict[str, Any]]:
    for finding in file.reported_here:
        identity = finding.kind, finding.file, finding.library or "", finding.version or ""
        yield _result(file, finding.kind, _message(file, finding), identity)
    theirs = [finding.kind for finding in file.findings if finding.reported_by_dependency]
    if theirs:
        yield _result(file, theirs[0], f"It {loads_failing(file)}.", ("failing libraries",))


def _message(file: FileVerdict, finding: Finding) -> str:
    names = [printable(symbol.name) for symbol in finding.symbols[:_LISTED]]
    if len(finding.symbols) > _LISTED:
        names.append(f"{len(finding.symbols) - _LISTED} more")
    parts = [message_of(finding, file) + (f": {', '.join(names)}" if names else "")]
    if finding.advice:
        parts.append(finding.advice)
    return ". ".join(parts) + "."


def _result(file: FileVerdict, kind: str, text: str, identity: tuple[str, ...]) -> dict[str, Any]:
    """One result; the identity tells it from the file's others, and is the same in every run."""
    whole = "\0".join((file.path, *identity)).encode("utf-8", "surrogateescape")
    return {
        "ruleId": kind,
        "ruleIndex": _NAMES.index(kind),
        "level": _level(kind),
        "message": {"text": text},
        "locations": [_location(file.path)],
        "partialFingerprints": {"symverPin/v1": hashlib.sha256(whole).hexdigest()},
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
