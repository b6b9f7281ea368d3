"""Behaviour programs in circumstances: cancelled, forked, in signal handlers, in libraries that are unloaded.

test_behaviour.py runs them on libc's own functions and on the members, test_sanitised.py under the sanitisers.
"""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from conftest import RunOn217, succeeded
from symver_pin.compat.safety import load_safety, safety_of
from symver_pin.compat.table import CompatSymbol, load, needed
from symver_pin.glibc.release import Release

from .circumstances import PROGRAMS_IN, REASONS, RUN, left_out, programs_in
from .conftest import PROGRAMS, X86_64, Archive, LinkOn
from .test_behaviour import FAMILIES, FILES
from .test_tested import names_of

HERE = Path(__file__).parent

MEMBERS = needed(Release(2, 12), X86_64)

NO_CALLS = {"__stack_chk_fail_local"}
"""It ends the program."""

STAYS = {
    "threads.c": ("host", "2.17"),
    "exceptions.cc": ("host", "2.17"),
    "calls.c": ("2.17",),
}
"""Program -> where its library stays loaded after dlclose: destructors of the main thread are still to run."""


def test_the_table_is_about_every_program_and_uses_every_reason() -> None:
    assert sorted(PROGRAMS_IN) == FAMILIES
    used = {word for values in PROGRAMS_IN.values() for word in values.values()}
    assert used == {RUN, *REASONS}


@pytest.fixture
def wrapped(archive: Archive, link_on: LinkOn, tmp_path: Path) -> LinkOn:
    """`wrapped(program, *flags, ...)`: a behaviour program in the harness, linked for 2.17 with the archive."""

    def link(program: str, *flags: str, **how: str) -> Path:
        source = tmp_path / f"wrapper{Path(program).suffix}"
        text = f'#define main program_main\n#include "{PROGRAMS / program}"\n#undef main\n'
        source.write_text(f'{text}#include "{HERE / "harness.h"}"\n')
        return link_on("2.17", source, archive(), *flags, **how)

    return link


def _run_here(program: Path, arguments: Sequence[str], files: Sequence[Path]) -> str:
    """What it says in a folder of its own, with these files."""
    folder = program.parent / "here"
    folder.mkdir()
    for file in files:
        shutil.copy(file, folder)
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, timeout=100)
    return succeeded(done)


@pytest.mark.parametrize(
    ("circumstance", "program"),
    [(name, program) for name in ("cancel", "fork", "signal") for program in programs_in(name)],
)
def test_a_program_meets_its_expectations(
    circumstance: str, program: str, wrapped: LinkOn, run_on_217: RunOn217
) -> None:
    files = FILES.get(program, ())
    built = wrapped(program)
    assert _run_here(built, [circumstance], files) == ""
    assert succeeded(run_on_217(built, circumstance, extra_files=files, timeout=100)) == ""


@pytest.mark.parametrize("program", programs_in("dlclose"))
def test_a_library_with_members_is_unloaded_and_nothing_reaches_into_it(
    program: str, wrapped: LinkOn, archive: Archive, link_on: LinkOn, run_on_217: RunOn217
) -> None:
    files = FILES.get(program, ())
    library = wrapped(program, "-DLIBRARY", mode="shared", name="library.so")
    loader = link_on("2.17", HERE / "closing.c", archive(), name="loader")
    says = {place: "kept\n" if place in STAYS.get(program, ()) else "" for place in ("host", "2.17")}
    assert _run_here(loader, [], [library, *files]) == says["host"]
    assert succeeded(run_on_217(loader, extra_files=[library, *files])) == says["2.17"]


def _is_function(member: CompatSymbol) -> bool:
    """Of this architecture, and not in NO_CALLS."""
    return member in MEMBERS and member.kind != "data" and member.symbol not in NO_CALLS


def _members(program: str) -> dict[str, tuple[bool, str, str]]:
    """The members that a program shows -> signal handlers may call it; cancellation point; kernel."""
    found: dict[str, tuple[bool, str, str]] = {}
    for row, members in safety_of(load_safety(), load()):
        if program in row.tests:
            facts = (row.signal.startswith("yes"), row.cancel, row.kernel)
            found |= {member.symbol: facts for member in members if _is_function(member)}
    return found


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Program -> the symbols that its code calls, of the programs that call members of many families."""
    folder = tmp_path_factory.mktemp("objects")
    found = {}
    for name in ("calls.c", "cancellation.c", "refused.c"):
        output = folder / f"{name}.o"
        flags = ["-w", "-fno-builtin", "-U_FORTIFY_SOURCE", "-D_GNU_SOURCE", "-c", str(PROGRAMS / name)]
        succeeded(subprocess.run(["gcc", *flags, "-o", str(output)], capture_output=True, text=True))
        found[name] = names_of("--undefined-only", output)
    return found


def test_calls_in_cancelled_threads_are_made_by_other_programs(called: dict[str, set[str]]) -> None:
    for program in left_out("own-points", "cancel"):
        own = {symbol for symbol, (_, cancel, _) in _members(program).items() if cancel == "no"}
        assert own - called["calls.c"] - called["cancellation.c"] == set(), program


def test_calls_in_signal_handlers_are_made_by_another_program(called: dict[str, set[str]]) -> None:
    for program in left_out("some", "signal"):
        own = {symbol for symbol, (safe, _, _) in _members(program).items() if safe}
        assert own - called["calls.c"] == set(), program
    for program in left_out("forbidden", "signal"):
        assert not any(safe for safe, _, _ in _members(program).values()), program


def test_refused_system_calls_are_made_by_another_program(called: dict[str, set[str]]) -> None:
    for circumstance in ("enosys", "eperm"):
        for program in left_out("refused", circumstance):
            own = {symbol for symbol, (_, _, kernel) in _members(program).items() if kernel}
            assert own - called["refused.c"] == set(), program
        for program in left_out("old-calls", circumstance):
            assert not any(kernel for _, _, kernel in _members(program).values()), program
