"""The table of what does not work, and why (`known.tsv`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("known.tsv")

PLACES = ("build", "verify", "old", "new", "run")
"""Where a program fails: its build, its verdict, the oldest runtime, the newest one, or both."""

FAULTS = ("emulator", "runtime", "project", "compiler", "program")
"""Whose fault it is."""

SHOWN_WITHOUT_KIT = ("emulator", "compiler")
"""The faults of which the test shows that the program, built without a kit, fails on the newest runtime too."""


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    arch: str
    program: str
    place: str
    fault: str
    reason: str


def load() -> list[Row]:
    """The rows. Raises `ValueError` for a place or fault that is none."""
    rows = []
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            row = Row(*line.split("\t"))
            if row.place not in PLACES or row.fault not in FAULTS or not row.reason:
                raise ValueError(f"{TABLE.name}: {line}")
            rows.append(row)
    return rows


def grouped() -> list[tuple[tuple[str, str, str], list[Row]]]:
    """(place, fault, reason) with its rows, in the order of the table."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in load():
        groups.setdefault((row.place, row.fault, row.reason), []).append(row)
    return list(groups.items())


def find(arch: str, program: str, place: str) -> Row | None:
    """The row about a program of an architecture in one of the places build, verify, old, new."""
    fitting = {place, "run"} if place in ("old", "new") else {place}
    return next((row for row in load() if (row.arch, row.program) == (arch, program) and row.place in fitting), None)
