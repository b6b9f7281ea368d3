"""What pinning costs a Rust build: `cargo build --release`, plain, with `symver-pin cargo`, and with `cargo zigbuild`.

``make bench-cargo``. Cold: an empty target folder. Incremental: the program's own source has a new time, so that one
crate is compiled and linked; ours also asks cargo for its configuration and verifies the program. All three build in
turn in each round, since a shared machine drifts; the table has the medians, and of the ratios to plain in the same
round. ziglang and cargo-zigbuild come from the package index into a virtual environment in the cache directory.

Goal: ours at most 1.03 times plain.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))

from runtimes import cache_dir  # noqa: E402  (tools/ is no package)

PROJECT = HERE.parent / "tests/crates/projects/tls-server"
OPTIONS = ("--release", "--locked", "--quiet", "--features", "ring")
TARGET, GLIBC = "x86_64-unknown-linux-gnu", "2.17"
ZIG = ("ziglang==0.17.1", "cargo-zigbuild==0.24.0")
COLD_ROUNDS, INCREMENTAL_ROUNDS = 3, 9


def zig_folder() -> Path:
    """The folder of programs of a virtual environment with ziglang and cargo-zigbuild."""
    folder = cache_dir().parent / "zigbuild"
    if not (folder / "bin/cargo-zigbuild").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/pip", "install", "--quiet", *ZIG], check=True)
    return folder / "bin"


def seconds(command: list[str], project: Path, env: dict[str, str]) -> float:
    """Wall time of one build; a failing one ends the bench with what it said."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
    took = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} failed:\n{done.stderr}")
    return took


def main() -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(shutil.copytree(PROJECT, Path(folder, "project")))
        zig = {**os.environ, "PATH": f"{zig_folder()}:{os.environ['PATH']}"}
        ways = {
            "plain": (["cargo", "build", *OPTIONS], dict(os.environ)),
            "symver-pin": (["symver-pin", "cargo", "--glibc", GLIBC, "build", *OPTIONS], dict(os.environ)),
            "cargo-zigbuild": (["cargo", "zigbuild", *OPTIONS, "--target", f"{TARGET}.{GLIBC}"], zig),
        }
        subprocess.run(["cargo", "fetch", "--locked"], cwd=project, check=True)
        subprocess.run(["symver-pin", "kit", "--glibc", GLIBC], stdout=subprocess.DEVNULL, check=True)

        def build(way: str, prepare: Callable[[Path], object]) -> float:
            command, env = ways[way]
            target = Path(folder, way)
            prepare(target)
            return seconds(command, project, {**env, "CARGO_TARGET_DIR": str(target)})

        def touch(_target: Path) -> None:
            (project / "src/main.rs").touch()

        print(f"{'seconds':<12} {'way':<15} {'median':>8} {'to plain':>9}")
        steps: tuple[tuple[str, int, Callable[[Path], object]], ...] = (
            ("cold", COLD_ROUNDS, lambda target: shutil.rmtree(target, ignore_errors=True)),
            ("incremental", INCREMENTAL_ROUNDS, touch),
        )
        for name, rounds, prepare in steps:
            times = [{way: build(way, prepare) for way in ways} for _ in range(rounds)]
            for way in ways:
                median = statistics.median(one[way] for one in times)
                ratio = statistics.median(one[way] / one["plain"] for one in times)
                print(f"{name:<12} {way:<15} {median:8.2f} {ratio:9.3f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
