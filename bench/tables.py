"""What the symbol tables cost: loading one, a view, `maps dump` as a whole process, peak memory: ``make bench``.

Targets: load under 20 ms, memory under 20 MB, the whole dump under 150 ms. The bare interpreter's figures stand beside
them, measured in the same run.
"""

import os
import statistics
import subprocess
import sys
import time

from symver_pin.maps.release import Release
from symver_pin.maps.table import architectures, parse_table
from symver_pin.resources import maps_dir

ROUNDS = 15


def whole_process(command: list[str]) -> tuple[float, float]:
    """Median wall seconds and peak MB of a command."""
    times, peak = [], 0.0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        times.append(time.perf_counter() - start)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"bench: {' '.join(command)} ended with {process.returncode}")
        peak = max(peak, usage.ru_maxrss / 1024)
    return statistics.median(times), peak


def main() -> int:
    """Print the table."""
    for name in architectures():
        text = (maps_dir() / f"{name}.map").read_text()
        times = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            table = parse_table(text, name)
            times.append(time.perf_counter() - start)
        start = time.perf_counter()
        rows = table.view(Release(2, 42)).rows
        view = time.perf_counter() - start
        load = statistics.median(times)
        print(f"load {name:<12} {load * 1000:6.1f} ms   view {view * 1000:5.1f} ms   {len(rows)} rows")
    for name, command in (
        ("python -c pass", [sys.executable, "-c", "pass"]),
        ("maps dump", [sys.executable, "-m", "symver_pin", "maps", "dump", "--arch", "x86_64", "--glibc", "2.19"]),
    ):
        seconds, peak = whole_process(command)
        print(f"{name:<17} {seconds * 1000:6.1f} ms   peak {peak:5.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
