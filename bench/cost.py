"""What pinning costs, each figure beside its baseline in the same run: ``make bench``.

* link time with the kit's flags over link time without, for each linker at hand: a C program of 20 lines, a small C++
  program, the SQLite shell (target: 1.05);
* link time through the wrapper ``KIT/bin/cc`` over link time with the same flags: one shell more is started, whose
  own time stands below;
* 300 tiny units, compiled and linked by ``make -j2`` with ``KIT/bin/cc`` over gcc (target: 1.10);
* making a kit with an empty cache (target: under 2 s) and finding it again (under 60 ms);
* ``symver-pin gen`` (under 100 ms);
* compile time of a small unit with the pin header, less without.

The two sides of a ratio are run in turn, A B A B, and compared pair by pair, since a shared machine drifts; the table
gives the median. Bare interpreter start-up stands beside the commands' times.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tools"), str(HERE.parent / "demo")]

from sqlite_source import sqlite_source  # noqa: E402  (demo/ is no package; the line above makes it importable)

ROUNDS = 31
UNITS = 300
LINKERS = ("bfd", "gold", "lld", "mold")

Command = list[str]


def seconds(command: Command, env: dict[str, str]) -> float:
    """Wall time of one run; a failing command ends the bench with what it said."""
    start = time.perf_counter()
    done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    took = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} failed:\n{done.stderr}")
    return took


def paired(first: Command, second: Command, env: dict[str, str], rounds: int = ROUNDS) -> tuple[float, float, float]:
    """Medians of both commands' times, and of the pairs' ratios first / second."""
    pairs = []
    for number in range(rounds + 1):
        pair = (seconds(first, env), seconds(second, env))
        if number:  # the first pair warms the caches
            pairs.append(pair)
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


def row(name: str, ours: float, base: float, ratio: float, goal: str) -> None:
    """One line of the table; times in milliseconds."""
    print(f"{name:<38} {ours * 1000:9.1f} {base * 1000:9.1f} {ratio:8.3f}   {goal}", flush=True)


def compiled(work: Path, plain: str, options: list[str], source: Path) -> str:
    """The object of one unit."""
    target = work / f"{source.name}.o"
    subprocess.run([plain, *options, "-c", str(source), "-o", str(target)], check=True)
    return str(target)


def bench_links(work: Path, kit: Path, env: dict[str, str]) -> None:
    """Link the same objects with and without the kit."""
    sqlite = sqlite_source()
    programs: tuple[tuple[str, str, list[str], list[Path]], ...] = (
        ("C, 20 lines", "cc", [], [HERE / "small.c"]),
        ("C++", "c++", [], [HERE / "threads.cc"]),
        ("SQLite shell", "cc", ["-DSQLITE_ENABLE_MATH_FUNCTIONS"], [sqlite / "shell.c", sqlite / "sqlite3.c"]),
    )
    for name, driver, options, sources in programs:
        objects = [compiled(work, driver, ["-O1", "-g", *options], source) for source in sources]
        for linker in LINKERS:
            if shutil.which("ld.lld" if linker == "lld" else linker if linker == "mold" else f"ld.{linker}") is None:
                print(f"link {name}, {linker}: not installed", flush=True)
                continue
            tail = [f"-fuse-ld={linker}", *objects, "-o", str(work / "out"), "-lm"]
            static = ["-static-libstdc++"] if driver == "c++" else []
            words = ["symver-pin", "flags", "cxx" if driver == "c++" else "cc", "--linker", linker]
            flags = subprocess.check_output(words, env=env, text=True).split()
            with_flags, wrapper = [driver, *flags, *tail], [str(kit / "bin" / driver), *tail]
            row(f"link {name}, {linker}", *paired(with_flags, [driver, *static, *tail], env), "at most 1.05")
            row("  ... by the wrapper / by the flags", *paired(wrapper, with_flags, env), "")
    true = str(shutil.which("true"))
    row("a shell that starts a program / it alone", *paired(["sh", "-c", f"exec {true}"], [true], env), "")


MAKEFILE = """\
units := $(patsubst %.c,%.o,$(wildcard unit*.c))
app: main.o $(units)
\t$(CC) -o $@ $^
"""


def bench_many_units(work: Path, kit: Path, env: dict[str, str]) -> None:
    """Build a program of 300 tiny units from nothing with make, by the wrapper and by the compiler that it runs."""
    folder = work / "units"
    folder.mkdir()
    for number in range(UNITS):
        (folder / f"unit{number}.c").write_text(f"int unit{number}(int x) {{ return x + {number}; }}\n")
    (folder / "main.c").write_text("int main(void) { return 0; }\n")
    (folder / "Makefile").write_text(MAKEFILE)
    make = ["make", "-B", "-s", "-j2", "-C", str(folder)]
    ours, base = [*make, f"CC={kit / 'bin/cc'}"], [*make, f"CC={shutil.which('cc')}"]
    row(f"make -j2, {UNITS} tiny units", *paired(ours, base, env, rounds=5), "at most 1.10")


def bench_cold_kit(env: dict[str, str]) -> None:
    """Make a kit in an empty cache, five times."""
    times = []
    for _ in range(5):
        with tempfile.TemporaryDirectory() as cache:
            times.append(seconds(["symver-pin", "kit"], {**env, "SYMVER_PIN_CACHE": cache}))
    base = seconds([sys.executable, "-c", "pass"], env)
    row("kit, cold", statistics.median(times), base, statistics.median(times) / base, "under 2000 ms")


def main() -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        env = {**os.environ, "SYMVER_PIN_CACHE": str(work / "cache")}
        kit = Path(subprocess.check_output(["symver-pin", "kit"], env=env, text=True).strip())
        header = work / "pin.h"
        subprocess.run(["symver-pin", "gen", "-o", str(header)], env=env, check=True, stderr=subprocess.DEVNULL)
        print(f"{'median of ' + str(ROUNDS) + ' pairs':<38} {'ours ms':>9} {'base ms':>9} {'ratio':>8}   target")
        bench_many_units(work, kit, env)
        bench_links(work, kit, env)
        bench_cold_kit(env)
        bare = [sys.executable, "-c", "pass"]
        row("kit, warm (base: python -c pass)", *paired(["symver-pin", "kit"], bare, env), "under 60 ms")
        row("gen (base: python -c pass)", *paired(["symver-pin", "gen"], bare, env), "under 100 ms")
        for cc in ("gcc", "clang"):
            if shutil.which(cc):
                plain = [cc, "-O2", "-c", str(HERE / "small.c"), "-o", str(work / "unit.o")]
                ours, base, ratio = paired([*plain, "-include", str(header)], plain, env)
                added = f"adds {(ours - base) * 1000:.1f} ms a unit"
                row(f"compile with the pin header, {cc}", ours, base, ratio, added)
    return 0


if __name__ == "__main__":
    sys.exit(main())
