"""Build three real programs for glibc 2.19 with this machine's own compilers, and show that they run on 2.17.

For each: a plain build (which versions a modern machine asks for), a pinned build, the verifier's verdict, and a little
job done by the pinned program inside a root with a real glibc 2.17 and on this machine. A table at the end. Exit status
0 when every program did all of it, 1 when a step went wrong, 2 when a tool is missing.

    make demo
    make demo DEMO_SKIP_OLD=1       # without the runs on the real glibc 2.17, where that cannot be had
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tools"), str(HERE)]

from programs import PROGRAMS, Program  # noqa: E402  (tools/ is no package; the line above makes it importable)
from rootrun import run_in_root  # noqa: E402
from runtimes import get_root, why_not  # noqa: E402
from unavailable import Unavailable  # noqa: E402

TARGET = "2.19"
RUNTIME = "2.17"
BUILD = HERE / "build"


class UsageError(Exception):
    """The demo cannot be begun as asked; the text says what to do, in one line."""


class StepFailedError(Exception):
    """A step of the demo went wrong; the text is the command and all that it said."""


@dataclass
class Row:
    """One line of the table, filled as far as the program came."""

    program: str
    before: str = "-"
    after: str = "-"
    verdict: str = "-"
    ran_old: str = "-"
    ran_here: str = "-"
    notes: list[str] = field(default_factory=list)
    failed: bool = False

    def cells(self) -> tuple[str, ...]:
        """The texts of the row, in the order of the table's columns."""
        return self.program, self.before, self.after, self.verdict, self.ran_old, self.ran_here


HEADINGS = ("program", "highest version before", "after", "verdict", f"ran on {RUNTIME}", "ran on this host")


def main() -> int:
    """Run the whole demo and print the table."""
    started = time.monotonic()
    try:
        check_tools()
        skip_old = asked_to_skip_old()
    except UsageError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    if not skip_old:
        say(f"finding a real glibc {RUNTIME} (downloaded the first time)")
    no_runtime = "DEMO_SKIP_OLD=1 asks for that" if skip_old else why_not(RUNTIME)
    rows = [show(program, no_runtime) for program in PROGRAMS]
    print()
    print_table([HEADINGS, *(row.cells() for row in rows)])
    for row in rows:
        for note in row.notes:
            print(f"\n{row.program}: {note}")
    if no_runtime is not None:
        print(f"\n{'skipped' if skip_old else 'FAILED'}: nothing was run on a real glibc {RUNTIME}: {no_runtime}")
    print(f"\ntarget glibc {TARGET}; took {time.monotonic() - started:.0f} s; the programs are in {BUILD}")
    return int(any(row.failed for row in rows) or (no_runtime is not None and not skip_old))


def check_tools() -> None:
    """Raise UsageError with all tools that are missing."""
    tools = dict.fromkeys(tool for program in PROGRAMS for tool in program.tools)
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        raise UsageError(
            f"{' and '.join(missing)} not installed; run `make demo`, which installs what it may, or see "
            f"`python3 tools/set_up.py demo`"
        )


def asked_to_skip_old() -> bool:
    """Whether DEMO_SKIP_OLD in the environment asks for no runs on the old glibc."""
    value = os.environ.get("DEMO_SKIP_OLD", "")
    if value not in ("", "0", "1"):
        raise UsageError(f"DEMO_SKIP_OLD={value}: neither 1 (skip the runs on glibc {RUNTIME}) nor 0")
    return value == "1"


def show(program: Program, no_runtime: str | None) -> Row:
    """Take one program through all steps; a failure ends its row, not the demo."""
    row = Row(program.name)
    try:
        say(f"{program.name}: plain build")
        row.before = highest_version(build(program, [], "plain"))
        say(f"{program.name}: build pinned to glibc {TARGET}")
        pinned = build(program, ["symver-pin"], "pinned")
        say(f"{program.name}: verify, run on glibc {RUNTIME}, run here")
        row.after = highest_version(pinned)
        row.verdict = "failed"
        finished(["symver-pin", "verify", "--glibc", TARGET, str(pinned)])
        row.verdict = f"runs on {TARGET}"
        if no_runtime is not None:
            row.ran_old = "not run"
        else:
            row.ran_old = "failed"
            root = get_root(RUNTIME)
            job_done(program, run_in_root(root, pinned, program.arguments, stdin=program.stdin, timeout=120))
            row.ran_old = "yes"
        row.ran_here = "failed"
        job_done(program, run_here(program, pinned))
        row.ran_here = "yes"
    except (StepFailedError, Unavailable, subprocess.TimeoutExpired, OSError) as error:
        row.failed = True
        row.notes.append(f"FAILED: {error}")
    return row


def build(program: Program, pin: list[str], kind: str) -> Path:
    """Build `program` with `pin` in front of the compiler; the executable."""
    folder = BUILD / kind / program.output
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for command in program.commands(pin, folder):
        finished(command)
    # a compiler writes it here; cargo to release/, or TARGET-TRIPLE/release/ when it was told a target
    for place in (folder, folder / "release", *folder.glob("*/release")):
        if (place / program.output).is_file():
            return place / program.output
    raise StepFailedError(f"the {kind} build ended well but left no {program.output} in {folder}")


def highest_version(file: Path) -> str:
    """The highest glibc version that `file` asks for ("GLIBC_2.34"), as the verifier reports it."""
    report = finished(["symver-pin", "verify", "--glibc", TARGET, "--format", "json", str(file)], allowed=(0, 1))
    return str(json.loads(report)["files"][0]["highest"])


def run_here(program: Program, binary: Path) -> subprocess.CompletedProcess[str]:
    """Do the program's job on this machine, in an empty directory."""
    with tempfile.TemporaryDirectory() as directory:
        return subprocess.run(
            [binary, *program.arguments],
            cwd=directory,
            input=program.stdin or "",
            capture_output=True,
            text=True,
            timeout=120,
        )


def job_done(program: Program, done: subprocess.CompletedProcess[str]) -> None:
    """Raise unless the program ended well and printed what its job asks for."""
    if done.returncode != 0 or not program.expected(done.stdout):
        raise StepFailedError(f"{program.output} ended with {done.returncode} and said\n{said(done)}")


def finished(command: Sequence[str], allowed: Sequence[int] = (0,)) -> str:
    """Run a step; its stdout. Raises with all it said when its exit status is not one of `allowed`."""
    env = os.environ | {"SYMVER_PIN_GLIBC": TARGET}
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=env)
    if done.returncode not in allowed:
        raise StepFailedError(f"{' '.join(command)}\nended with {done.returncode} and said\n{said(done)}")
    return done.stdout


def said(done: subprocess.CompletedProcess[str], most: int = 60) -> str:
    """What a command printed; of very much, the beginning (where the first error stands) and the end."""
    lines = (done.stdout + done.stderr).splitlines()
    if len(lines) > most:
        lines[most - 10 : -10] = [f"... {len(lines) - most} lines more ..."]
    return "\n".join(lines)


def print_table(lines: Sequence[Sequence[str]]) -> None:
    """Columns as wide as their widest cell, a rule below the headings."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    rule = ["-" * width for width in widths]
    for line in [lines[0], rule, *lines[1:]]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def say(text: str) -> None:
    """A progress line, at once."""
    print(f"- {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
