"""What the symbol tables cost: loading one, a view, `maps dump` as a whole process, peak memory: ``make bench``.

Targets: load under 20 ms, memory under 20 MB, the whole dump under 150 ms. The bare interpreter's figures stand beside
them, measured in the same run.
"""

import statistics
import subprocess
import sys
import time

from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release
from symver_pin.glibc.table import parse_table
from symver_pin.paths import shipped_maps

ROUNDS = 15


def whole_process(command: list[str]) -> tuple[float, float]:
    """Median wall seconds and peak MB of a command."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - start)
    # The kernel counts a child's peak from the fork on, with the parent's memory in it; the mark of the program that it
    # became is in its own /proc entry, so the program is run once more inside a reader of that.
    code = command[2] if command[1] == "-c" else f"from symver_pin.cli import main; main({command[3:]!r})"
    status = "open('/proc/self/status').read()"
    reader = f"{code}\nimport sys; sys.stderr.write({status}.split('VmHWM:')[1].split()[0])"
    done = subprocess.run([sys.executable, "-c", reader], capture_output=True, text=True, check=True)
    return statistics.median(times), int(done.stderr) / 1024


def main() -> int:
    """Print the table."""
    for name in default_maps().architectures:
        text = (shipped_maps() / f"{name}.map").read_text()
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
