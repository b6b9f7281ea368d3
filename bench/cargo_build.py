"""What pinning costs a Rust build: `cargo build --release`, plain, with `symver-pin cargo`, and with `cargo zigbuild`.

``make bench-cargo``. Cold: an empty target folder. Incremental: the program's own source has a new time, so that one
crate is compiled and linked; ours also asks cargo for its configuration and verifies the program. All three build in
turn in each round, since a shared machine drifts; the table has the medians, and of the ratios to plain in the same
round. ziglang and cargo-zigbuild come from the package index into a virtual environment in the cache directory.

Goal: ours at most 1.03 times plain.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))

from cache import cache_dir  # noqa: E402
from locked_project import copy_locked  # noqa: E402  (tools/ is no package)

PROJECT = HERE.parent / "tests/crates/projects/tls-server"
OPTIONS = ("--release", "--locked", "--quiet", "--features", "ring")
TARGET, GLIBC = "x86_64-unknown-linux-gnu", "2.17"
ZIG = ("ziglang==0.17.1", "cargo-zigbuild==0.24.0")
COLD_ROUNDS, INCREMENTAL_ROUNDS = 3, 15


def zig_folder() -> Path:
    """The folder of programs of a virtual environment with ziglang and cargo-zigbuild."""
    folder = cache_dir().parent / "zigbuild"
    if not (folder / "bin/cargo-zigbuild").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/pip", "install", "--quiet", *ZIG], check=True)
    return folder / "bin"


class Took(NamedTuple):
    """What one build took, in seconds."""

    wall: float
    cpu: float
    """Of all its processes together: what a busy machine does not change."""


def took(command: list[str], project: Path, env: dict[str, str]) -> Took:
    """One build; a failing one ends the bench with what it said."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} failed:\n{done.stderr}")
    return Took(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        project = copy_locked(PROJECT, Path(folder, "project"))
        zig = {**os.environ, "PATH": f"{zig_folder()}:{os.environ['PATH']}"}
        ways = {
            "plain": (["cargo", "build", *OPTIONS], dict(os.environ)),
            "symver-pin": (["symver-pin", "cargo", "--glibc", GLIBC, "build", *OPTIONS], dict(os.environ)),
            "cargo-zigbuild": (["cargo", "zigbuild", *OPTIONS, "--target", f"{TARGET}.{GLIBC}"], zig),
        }
        subprocess.run(["cargo", "fetch", "--locked"], cwd=project, check=True)
        subprocess.run(["symver-pin", "kit", "--glibc", GLIBC], stdout=subprocess.DEVNULL, check=True)

        def build(way: str, prepare: Callable[[Path], object]) -> Took:
            command, env = ways[way]
            target = Path(folder, way)
            prepare(target)
            return took(command, project, {**env, "CARGO_TARGET_DIR": str(target)})

        def touch(_target: Path) -> None:
            (project / "src/main.rs").touch()

        print(f"{'':<12} {'':<15} {'wall s':>8} {'to plain':>9} {'CPU s':>8} {'to plain':>9}")
        steps: tuple[tuple[str, int, Callable[[Path], object]], ...] = (
            ("cold", COLD_ROUNDS, lambda target: shutil.rmtree(target, ignore_errors=True)),
            ("incremental", INCREMENTAL_ROUNDS, touch),
        )
        for name, rounds, prepare in steps:
            times = [{way: build(way, prepare) for way in ways} for _ in range(rounds)]
            for way in ways:
                cells = ""
                for measure in range(len(Took._fields)):
                    median = statistics.median(one[way][measure] for one in times)
                    ratio = statistics.median(one[way][measure] / one["plain"][measure] for one in times)
                    cells += f" {median:8.2f} {ratio:9.3f}"
                print(f"{name:<12} {way:<15}{cells}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
