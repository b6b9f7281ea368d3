"""Which programs of which architectures a run tries, and the page that a whole run writes.

SYMVER_PIN_ARCHES says which: `all` (`make test-arches`), names of architectures ("arm s390x"), or nothing: the quick
part, which needs one emulator. Results of runs that name architectures are kept in build/arches/, so that the grid may
be run in pieces.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import REPO

from .grid import Kits, make_child, make_kit
from .machines import MACHINES, Machine
from .page import PROPERTY, Cell, all_pairs, record, recorded, render
from .programs import PROGRAMS, Program

QUICK = ("x86_64", "aarch64", "i386")
"""The architectures of the default run; on aarch64 it tries each third program."""

PAGE = REPO / "docs/architectures.md"


def chosen() -> list[tuple[Machine, Program]]:
    """The pairs of this run."""
    asked = os.environ.get("SYMVER_PIN_ARCHES", "")
    if not asked:
        return [(MACHINES[name], each) for name in QUICK for each in _quick_programs(name)]
    names = list(MACHINES) if asked == "all" else asked.split()
    return [(MACHINES[name], each) for name in names for each in PROGRAMS.values() if name not in each.without]


def _quick_programs(arch: str) -> list[Program]:
    own = [each for each in PROGRAMS.values() if arch not in each.without]
    return own[::3] if arch == "aarch64" else own


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each pair to the test that asks for a machine and a program."""
    if {"machine", "program"} <= set(metafunc.fixturenames):
        pairs = chosen()
        metafunc.parametrize(
            ("machine", "program"), pairs, ids=[f"{machine.name}-{program.name}" for machine, program in pairs]
        )


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def arch_kits(shared_folder: Path) -> Kits:
    """`arch_kits(machine)`: its kit, made once."""
    made: dict[str, Path] = {}

    def get(machine: Machine) -> Path:
        if machine.name not in made:
            made[machine.name] = make_kit(machine, shared_folder / "arch-kits")
        return made[machine.name]

    return get


@pytest.fixture(scope="session")
def child(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program for exec."""
    return make_child(tmp_path_factory.mktemp("child"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Record what each test found, at once: a grid may be run in pieces."""
    for name, value in report.user_properties:
        if name == PROPERTY and isinstance(value, list) and "PYTEST_XDIST_WORKER" not in os.environ:
            record(Cell(*map(str, value)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the page when each architecture and program that can be tried has been."""
    if not os.environ.get("SYMVER_PIN_ARCHES"):
        return
    cells, wanted = recorded(), set(all_pairs())
    missing = wanted - {(cell.arch, cell.program) for cell in cells}
    if missing:
        terminalreporter.write_line(f"{len(missing)} of {len(wanted)} cells of the grid have no result yet: no page")
    else:
        PAGE.write_text(render([cell for cell in cells if (cell.arch, cell.program) in wanted]))
        terminalreporter.write_line(f"wrote {PAGE.relative_to(REPO)}")
