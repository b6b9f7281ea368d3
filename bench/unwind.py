"""What a throw costs with the compat object ``_dl_find_object``, over libgcc's own old way: ``make bench``.

``unwind.cc`` throws through 8 frames in 8 threads at once, on the real glibc 2.17. Linked with the compiler's static
libgcc its unwinder asks the compat object for each frame's table; linked with the shared one it uses the libgcc_s.so.1
of gcc 4.8 beside that glibc, which walks ``dl_iterate_phdr`` itself. Target: a ratio of at most 1.
"""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))

import rootrun  # noqa: E402
import runtimes  # noqa: E402  (tools/ is no package; the line above makes it importable)

ROUNDS = 11
THROWS = "20000"


def main() -> int:
    """Print one line: medians in nanoseconds a throw, and of the pairs' ratios."""
    root = runtimes.get_root("2.17")
    kit = Path(subprocess.check_output(["symver-pin", "kit", "--no-warn", "--glibc", "2.17"], text=True).strip())
    with tempfile.TemporaryDirectory() as folder:
        programs = []
        for name, option in (("compat", "-static-libgcc"), ("libgcc", "-shared-libgcc")):
            programs.append(Path(folder) / name)
            command = [str(kit / "bin" / "c++"), "-O2", option, str(HERE / "unwind.cc"), "-o", str(programs[-1])]
            subprocess.run(command, check=True)
        pairs = []
        for _ in range(ROUNDS):  # in turn, since a shared machine drifts
            ours, theirs = (float(rootrun.run_in_root(root, program, (THROWS,)).stdout) for program in programs)
            pairs.append((ours, theirs))
    ours, theirs = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    ratio = statistics.median(a / b for a, b in pairs)
    print(
        f"throw through 8 frames, 8 threads: {ours:.0f} ns, libgcc_s of gcc 4.8 {theirs:.0f} ns, ratio {ratio:.2f} "
        f"(at most 1)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
