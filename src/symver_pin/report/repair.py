"""The outcome of a repair as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from symver_pin.loader.verdict import printable
from symver_pin.repairer.decide import Decision
from symver_pin.repairer.outcome import Outcome, RepairedFile

SCHEMA = 1
_SHOWN = 6
"""So many notes on symbols of a file are printed as text; JSON has all."""
_TITLES = {"fine": "loads as it is", "static": "static", "added": "added", "refused": "REFUSED"}


def render_text(outcome: Outcome) -> str:
    """A line for each file, with the reasons and notes below it; then the files that were written."""
    lines = [line for file in outcome.files if file.status != "error" for line in _lines(file, outcome)]
    if not outcome.is_written:
        refused = [file for file in outcome.files if file.status in ("refused", "error")]
        why = f"{_files(len(refused))} cannot be repaired" if refused else "dry run"
        lines.append(f"nothing was written: {why}")
    return "".join(f"{printable(line)}\n" for line in lines)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _lines(file: RepairedFile, outcome: Outcome) -> Iterator[str]:
    release = f"glibc {outcome.target.glibc}"
    if file.status == "repaired":
        verb = "repaired" if outcome.is_written else "would be repaired"
        yield f"{file.path}: {verb} for {release}: {_counts(file)}"
    else:
        reason = f": {file.reason}" if file.reason else ""
        yield f"{file.path}: {_TITLES[file.status]}{_counts_in_brackets(file)}{reason}"
    refused = [decision for decision in file.decisions if decision.outcome == "refused"]
    for decision in refused:
        yield f"  {_named(decision)}: {decision.note}"
    notes = [each for each in file.decisions if each.note and each.outcome != "refused"]
    for decision in notes[:_SHOWN]:
        yield f"  note: {_named(decision)}: {decision.note}"
    if len(notes) > _SHOWN:
        yield f"  note: {len(notes) - _SHOWN} more symbols behave differently (--format json has all)"
    if file.note:
        yield f"  note: {file.note}"
    is_ok = file.verdict is not None and file.verdict.verdict == "ok"
    if is_ok and file.status in ("repaired", "added"):
        yield f"{file.path}: ok on {release}"


def _counts(file: RepairedFile) -> str:
    parts = [
        f"{count} {text.format(s='' if count == 1 else 's')}"
        for outcome, text in (
            ("bound", "symbol{s} bound to older versions"),
            ("supplied", "supplied by libsymver_pin_compat.so"),
            ("embedded", "put into the file"),
            ("left", "weak left to the target"),
        )
        if (count := file.count(outcome))
    ]
    nodes = [decision.wanted.node for decision in file.decisions if decision.outcome == "dropped"]
    return ", ".join([*parts, *(f"without {node}" for node in nodes)]) or "finds the added libraries"


def _counts_in_brackets(file: RepairedFile) -> str:
    return f" ({_counts(file)})" if file.status == "added" and file.decisions else ""


def _named(decision: Decision) -> str:
    node = decision.wanted.node
    return f"{decision.symbol}@{node}" if decision.symbol and node else decision.symbol or node or "the file"


def render_json(outcome: Outcome) -> str:
    """One document. Keys are stable within one schema number."""
    document = {
        "schema": SCHEMA,
        "target": {
            "label": outcome.target.label,
            "glibc": str(outcome.target.glibc),
            "gcc": str(outcome.target.gcc),
        },
        "written": outcome.is_written,
        "exit_status": outcome.exit_status,
        "files": [_file(file) for file in outcome.files],
    }
    return json.dumps(document, indent=1) + "\n"


def _file(file: RepairedFile) -> dict[str, object]:
    return {
        "path": file.path,
        "status": file.status,
        "verdict": None if file.verdict is None else file.verdict.verdict,
        "highest": None if file.verdict is None else file.verdict.highest,
        "reason": file.reason or None,
        "note": file.note or None,
        "symbols": [
            {
                "name": decision.symbol or None,
                "library": decision.wanted.library,
                "version": decision.wanted.node,
                "outcome": decision.outcome,
                "bound_library": decision.version.library if decision.version else None,
                "bound_version": decision.version.node if decision.version else None,
                "note": decision.note or None,
            }
            for decision in file.decisions
        ],
    }
