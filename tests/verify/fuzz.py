"""Verify randomly changed copies of real files: ``make fuzz``, or ``python tests/verify/fuzz.py SECONDS SEED``.

Runs until stopped, or for that many seconds. Each round uses the next seed; a round that fails prints its seed and
keeps its files. The test run does the same for a minute from seed 0.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from verify.mutate import check_hostile_files, mutated  # noqa: E402  (the line above makes it importable)

#: Small real files of different linkers and kinds; those that exist are used.
REAL = (
    "/bin/true", "/bin/sh", "/lib/x86_64-linux-gnu/libutil.so.1", "/lib/x86_64-linux-gnu/libdl.so.2",
    "/lib/x86_64-linux-gnu/libpthread.so.0", "/lib64/ld-linux-x86-64.so.2",
)  # fmt: skip


def run(corpus: list[bytes], seconds: float, seed: int = 0) -> int:
    """Verify changed copies of the whole corpus in each round; returns the number of rounds.

    Raises what a failing round raises; its files are kept in the system's folder for temporary files.
    """
    end = time.monotonic() + seconds
    for number in itertools.count():
        if time.monotonic() >= end:
            return number
        files = [mutated(data, seed + number) for data in corpus]
        try:
            check_hostile_files(files)
        except BaseException:
            folder = tempfile.mkdtemp(prefix="symver-pin-fuzz-")
            for position, data in enumerate(files):
                (Path(folder) / f"file{position}").write_bytes(data)
            sys.stderr.write(f"seed {seed + number}: failed; the files are in {folder}\n")
            raise
    return 0


if __name__ == "__main__":
    limit = float(sys.argv[1]) if len(sys.argv) > 1 else float("inf")
    first = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns()
    print(f"from seed {first}", flush=True)
    print(run([Path(name).read_bytes() for name in REAL if Path(name).exists()], limit, first), "rounds")
