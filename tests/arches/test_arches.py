"""Each program of each architecture links with a kit, fits the target, and runs on real runtimes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from . import known
from .grid import Builder, Kits, Outcome, execute, has_library, not_exported, verify
from .known import Row
from .machines import MACHINES, Machine
from .page import FAILS, NOT_TRIED, OK, PROPERTY
from .programs import OWN, PROGRAMS, PROOFS, Program, read

PLACES = ("build", "verify", "old", "new")


class Trial:
    """One program of one architecture on its way through the places."""

    def __init__(self, machine: Machine, program: Program, folder: Path) -> None:
        self.machine, self.program, self.folder = machine, program, folder
        self.states = dict.fromkeys(PLACES, NOT_TRIED)
        self.problems: list[str] = []

    def note(self, place: str, outcome: Outcome) -> bool:
        """Record an outcome and compare it with the table; return whether it was good."""
        row = known.find(self.machine.name, self.program.name, place)
        self.states[place] = OK if outcome.ok else FAILS
        if outcome.ok and row is not None:
            self.problems.append(f"{place}: works, so a row of known.tsv is not needed: {row.reason}")
        if not outcome.ok and row is None:
            self.problems.append(f"{place}: {outcome.said}")
        return outcome.ok

    def fails_without_kit(self, row: Row, child: Path | None) -> None:
        """Show that a fault of the emulator or the compiler is there without a kit too, on the newest runtime.

        A file of `proofs/` takes the program's place where a plain build makes other system calls than a pinned one.
        """
        builder, proof = Builder(self.machine, None, self.folder / "plain"), PROOFS / f"{row.arch}-{row.program}"
        shown = Program(proof.name, proof) if proof.exists() else self.program
        built = builder.build(shown)
        if not built.ok:
            self.problems.append(f"without a kit: {built.said}")
        elif execute(self.machine, self.machine.new, shown, builder.folder, child).ok:
            self.problems.append(f"{shown.name} runs when built without a kit: no fault of the {row.fault}")


def test_a_program_runs_on_the_oldest_and_the_newest_glibc(
    machine: Machine,
    program: Program,
    arch_kits: Kits,
    child: Path,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    trial = Trial(machine, program, tmp_path)
    helper = child if program.needs_child else None
    built = Builder(machine, arch_kits(machine), tmp_path / "pinned")
    if trial.note("build", built.build(program)):
        trial.note("verify", verify(machine, program, built.folder))
        for place in ("old", "new"):
            runtime = machine.runtime(place)
            if runtime is None or (program.library and not has_library(runtime, program.library)):
                continue
            missing = not_exported(runtime, program, built.folder)
            trial.note(place, Outcome(False, f"glibc {runtime.release} does not export {missing}") if missing else
                       execute(machine, runtime, program, built.folder, helper))  # fmt: skip
        rows = [known.find(machine.name, program.name, place) for place in ("old", "new")]
        for row in {row for row in rows if row is not None and row.fault in known.SHOWN_WITHOUT_KIT}:
            trial.fails_without_kit(row, helper)
    record_property(PROPERTY, [machine.name, program.name, *trial.states.values()])
    assert not trial.problems, "\n".join(trial.problems)


def test_each_row_of_the_table_is_about_a_program_that_is_tried() -> None:
    rows = known.load()
    assert len({row[:3] for row in map(_key, rows)}) == len(rows)
    for row in rows:
        assert row.arch in MACHINES and row.program in PROGRAMS, row
        assert row.arch not in PROGRAMS[row.program].without, row


def _key(row: Row) -> tuple[str, str, str]:
    return row.arch, row.program, row.place


def test_each_file_of_the_folder_is_a_program_or_belongs_to_one() -> None:
    sources = {path.name for path in OWN.iterdir() if path.suffix in (".c", ".cc")}
    programs = [program for program in PROGRAMS.values() if program.source.parent == OWN]
    used = {program.name for program in programs} | {each.companion.name for each in programs if each.companion}
    assert sources == used
    assert len(programs) >= 75
    for program in programs:
        assert set(program.without) <= set(MACHINES) and all(program.without.values()), program.name


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("int main(void) { return 0; }", "does not begin with a comment"),
        ("/* What.\n   flag: -O2 */\n", "no directive: flag: -O2"),
        ("/* What.\n   companion: shared */\n", "no file x.lib.c"),
    ],
)
def test_a_comment_of_another_form_is_refused(comment: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "x.c").write_text(comment)
    with pytest.raises(ValueError, match=problem):
        read(tmp_path / "x.c")
