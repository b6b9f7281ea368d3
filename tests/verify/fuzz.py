"""Feed the verifier with changed copies of real files: ``make fuzz``, or ``python tests/verify/fuzz.py SECONDS SEED``.

Runs until stopped, or for that many seconds; each round takes the next seed and says so when it fails, with the file
kept. The test run does the same for a minute from seed 0.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from verify.mutate import keep_promise, mutated  # noqa: E402  (the line above makes it importable)

#: Small real files of different linkers and kinds, wherever they are there.
REAL = (
    "/bin/true", "/bin/sh", "/lib/x86_64-linux-gnu/libutil.so.1", "/lib/x86_64-linux-gnu/libdl.so.2",
    "/lib/x86_64-linux-gnu/libpthread.so.0", "/lib64/ld-linux-x86-64.so.2",
)  # fmt: skip


def run(corpus: list[bytes], seconds: float, seed: int = 0) -> int:
    """Rounds of changed files, each with the whole corpus; the number of rounds. Raises what a broken promise raises.

    A file that broke it is kept in the system's folder for temporary files.
    """
    end = time.monotonic() + seconds
    for number in itertools.count():
        if time.monotonic() >= end:
            return number
        files = [mutated(data, seed + number) for data in corpus]
        try:
            keep_promise(files)
        except BaseException:
            folder = tempfile.mkdtemp(prefix="symver-pin-fuzz-")
            for position, data in enumerate(files):
                (Path(folder) / f"file{position}").write_bytes(data)
            sys.stderr.write(f"seed {seed + number}: broken; the files are in {folder}\n")
            raise
    return 0


if __name__ == "__main__":
    limit = float(sys.argv[1]) if len(sys.argv) > 1 else float("inf")
    first = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns()
    print(f"from seed {first}", flush=True)
    print(run([Path(name).read_bytes() for name in REAL if Path(name).exists()], limit, first), "rounds")
