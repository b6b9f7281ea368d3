"""Findings that are known from an earlier report, and pass.

A baseline is a report that ``verify --format json`` wrote. A finding of a failing file passes if the baseline has one
for a file of that path with the same kind, library and version, and with all of its symbols.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from symver_pin.errors import UsageError
from symver_pin.findings import KINDS
from symver_pin.loader.verdict import FileVerdict, Finding


class _Key(NamedTuple):
    path: str
    kind: str
    library: str | None
    version: str | None


class Baseline:
    """The findings of an earlier report."""

    def __init__(self, symbols: dict[_Key, frozenset[str]]) -> None:
        """``symbols`` maps the key of a finding to the names of its symbols."""
        self._symbols = symbols

    def apply(self, file: FileVerdict) -> FileVerdict:
        """The verdict without the findings that are known; ``ok``, with a note, if no other one fails."""
        if file.verdict != "fails":
            return file
        left = tuple(finding for finding in file.findings if not (finding.fails and self._knows(file.path, finding)))
        known = len(file.findings) - len(left)
        if not known:
            return file
        message = KINDS["known-findings"].message.format(detail=f"{known} finding{'s' if known > 1 else ''}")
        is_failing = any(finding.fails for finding in left)
        findings = (*left, Finding("known-findings", file.path, message, ""))
        return file._replace(verdict="fails" if is_failing else "ok", findings=findings)

    def _knows(self, path: str, finding: Finding) -> bool:
        names = self._symbols.get(_Key(path, finding.kind, finding.library, finding.version))
        return names is not None and names.issuperset(symbol.name for symbol in finding.symbols)


def read_baseline(path: str) -> Baseline:
    """Read a report. Raises UsageError if it cannot be read, or is no report of ``verify --format json``."""
    try:
        document = json.loads(Path(path).read_bytes())
        return Baseline(_symbols_of(document))
    except OSError as error:
        raise UsageError(f"--baseline {path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"--baseline {path}: is no report of symver-pin; write one with verify --format json -o {path}"
        ) from error


def _symbols_of(document: Any) -> dict[_Key, frozenset[str]]:
    found: dict[_Key, frozenset[str]] = {}
    for file in document["files"]:
        for finding in file["findings"]:
            key = _Key(file["path"], finding["kind"], finding["library"], finding["version"])
            names = frozenset(symbol["name"] for symbol in finding["symbols"])
            found[key] = found.get(key, frozenset()) | names
    return found
