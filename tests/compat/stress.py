"""Repeat attacks on compat objects for a time: ``make stress``, or ``python tests/compat/stress.py SECONDS``.

Each attack program of ``attacks/`` repeats one thing until its time has passed, on this machine's libc and on a real
2.17. The time is divided equally. A line for each run says how many loops there were; the exit status is 1 if any run
found a fault, hung, or did nothing. The test run does the same for a minute.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "tools"), str(HERE.parent)]

import rootrun  # noqa: E402  (the lines above make these importable)
from compat.conftest import OLD_VERSIONS, X86_64, build_archive, link_program  # noqa: E402
from conftest import need_root  # noqa: E402

SECONDS = 600.0

OLD = "2.17"

GRACE = 90
"""Seconds that a run may last beyond its time. An attack that hangs ends itself by SIGALRM after a minute."""


class Attack(NamedTuple):
    """A program of ``attacks/`` and the libraries that it loads."""

    source: str
    libraries: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """Name, source, and additional compiler options of each library."""


def _passing(count: int) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    names = [f"passing{number}.so" for number in range(count)]
    return tuple((name, "passing.c", ("-fexceptions", f"-Wl,-soname,{name}")) for name in names)


ATTACKS = (
    Attack("exceptions.cc", _passing(3)),
    Attack("children.cc", _passing(1)),
    Attack("descriptors.c"),
    Attack("scanf.c"),
    Attack("random.c"),
    Attack("clocks.c"),
    Attack("destructors.c", (("plugin.so", "plugin.c", ()),)),
    Attack("cancellation.c"),
    Attack("threads.c"),
)


class Built(NamedTuple):
    """A program and its libraries, in a folder of their own."""

    program: Path
    libraries: tuple[Path, ...]


class Result(NamedTuple):
    """One run of an attack."""

    attack: str
    libc: str
    loops: int
    fault: str
    """What went wrong; "" if nothing did."""


def build(attack: Attack, archive: Path, folder: Path, sources: Path) -> Built:
    """Link an attack program and its libraries with an archive of compat objects, into a new folder."""
    folder.mkdir()
    libraries = [
        link_program(folder / name, OLD, sources / source, archive, *flags, mode="shared")
        for name, source, flags in attack.libraries
    ]
    # A program that exports its functions to the libraries that it loads.
    program = link_program(folder / attack.source.partition(".")[0], OLD, sources / attack.source, archive, "-rdynamic")
    return Built(program, tuple(libraries))


def run_once(built: Built, libc: str, seconds: float) -> Result:
    """Run an attack for some seconds; ``libc`` is "host" or a release that `runtimes.py` knows."""
    arguments, limit = [f"{seconds:.1f}"], seconds + GRACE
    name = built.program.name
    try:
        if libc == "host":
            done = subprocess.run(
                [built.program, *arguments], cwd=built.program.parent, capture_output=True, text=True, timeout=limit
            )
        else:
            done = rootrun.run_in_root(
                need_root(libc), built.program, arguments, extra_files=built.libraries, timeout=limit
            )
    except subprocess.TimeoutExpired:
        return Result(name, libc, 0, f"did not end within {limit:.0f} seconds")
    lines = done.stdout.splitlines()
    last = lines[-1].split() if lines else []
    loops = int(last[0]) if last[1:] == ["loops"] else 0
    fault = ""
    if done.returncode != 0:
        said = "; ".join([*lines[:3], *done.stderr.splitlines()[:3]])
        fault = f"{'signal' if done.returncode < 0 else 'exit status'} {abs(done.returncode)}: {said}"
    elif loops == 0:
        fault = "no loop was completed"
    return Result(name, libc, loops, fault)


def stress(seconds: float, archive: Path, folder: Path, attacks: Sequence[Attack], sources: Path) -> Iterator[Result]:
    """Run every attack on both libcs; ``seconds`` is the time of all runs together."""
    share = seconds / (2 * len(attacks))
    for attack in attacks:
        built = build(attack, archive, folder / attack.source, sources)
        for libc in ("host", OLD):
            yield run_once(built, libc, share)


def main(
    words: Sequence[str] | None = None, attacks: Sequence[Attack] = ATTACKS, sources: Path = HERE / "attacks"
) -> int:
    """Run the attacks, whose programs are in the folder ``sources``, and print the figures; the exit status."""
    parser = argparse.ArgumentParser(description="Repeat attacks on compat objects for a time.")
    parser.add_argument("seconds", nargs="?", type=float, default=SECONDS, help="the time of all runs (%(default)g)")
    seconds = parser.parse_args(words).seconds
    if seconds <= 0:
        parser.error(f"{seconds:g} seconds is no time; give a number above 0")
    folder = Path(tempfile.mkdtemp(prefix="symver-pin-stress-"))
    try:
        archive = folder / "members.a"
        build_archive(["gcc"], X86_64, 12, OLD_VERSIONS, archive)
        failures = total = 0
        for number, result in enumerate(stress(seconds, archive, folder, attacks, sources), 1):
            total += result.loops
            failures += bool(result.fault)
            state = f"FAILED: {result.fault}" if result.fault else "ok"
            place = f"[{number}/{2 * len(attacks)}]"
            print(f"{place:8} {result.attack:13} {result.libc:5} {result.loops:9} loops  {state}", flush=True)
        print(f"{total} loops, {failures} failed runs", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
