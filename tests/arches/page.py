"""docs/architectures.md, written from what a whole run found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from conftest import REPO

from . import known
from .machines import MACHINES, Machine
from .programs import PROGRAMS

PROPERTY = "arches"
"""The name under which a test hands its cell to the process that writes the page."""

OK, FAILS, NOT_TRIED = "ok", "fails", "not tried"

TEMPLATE = Path(__file__).with_name("architectures.md.j2")


@dataclass(frozen=True)
class Cell:
    """What came of one program on one architecture: OK, FAILS or NOT_TRIED in each place."""

    arch: str
    program: str
    build: str
    verify: str
    old: str
    new: str


RECORDS = REPO / "build/arches"
"""One file for each architecture and program, with its cell as JSON; `make test-arches` removes them first."""


def record(cell: Cell) -> None:
    """Keep a cell; a later one of the same architecture and program replaces it."""
    RECORDS.mkdir(parents=True, exist_ok=True)
    (RECORDS / f"{cell.arch}-{cell.program}.json").write_text(json.dumps(asdict(cell)))


def recorded() -> list[Cell]:
    """The cells that are kept."""
    return [Cell(**json.loads(path.read_text())) for path in sorted(RECORDS.glob("*.json"))]


def all_pairs() -> list[tuple[str, str]]:
    """Every architecture with every program that it can have, by their names."""
    return [(arch, name) for arch in MACHINES for name, each in PROGRAMS.items() if arch not in each.without]


@dataclass(frozen=True)
class Line:
    """One line of the grid."""

    machine: Machine
    built: str
    verified: str
    old: str
    new: str


def _share(cells: Sequence[Cell], place: str) -> str:
    tried = [cell for cell in cells if getattr(cell, place) != NOT_TRIED]
    return f"{sum(getattr(cell, place) == OK for cell in tried)} of {len(tried)}" if tried else "no such runtime"


def grid(cells: Sequence[Cell]) -> list[Line]:
    """The lines of the grid, one for each architecture."""
    lines = []
    for machine in MACHINES.values():
        found = [cell for cell in cells if cell.arch == machine.name]
        lines.append(Line(machine, *(_share(found, place) for place in ("build", "verify", "old", "new"))))
    return lines


def render(cells: Sequence[Cell]) -> str:
    """The text of the page."""
    environment = Environment(trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, autoescape=False)
    programs = list(PROGRAMS.values())
    return environment.from_string(TEMPLATE.read_text()).render(
        lines=grid(cells),
        number=len(programs),
        known=known.grouped(),
        without=[(arch, program.name, reason) for program in programs for arch, reason in program.without.items()],
        libraries=[f"`{program.library}` ({program.name})" for program in programs if program.library],
    ) + "\n"  # fmt: skip
