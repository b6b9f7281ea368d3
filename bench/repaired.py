"""Repair the programs and libraries of this machine for glibc 2.17, each by itself: ``make bench-repair``.

Counted are the files that do not load on 2.17 as they are. With ``--polyfill PROGRAM``, the path of a polyfill-glibc
(https://github.com/corsix/polyfill-glibc: ``ninja polyfill-glibc``), it gets a copy of each of these files too:
``polyfill-glibc --target-glibc=2.17 COPY``. The verifier judges both results, and "repaired" are those that load.
The results of ``repair`` need the libraries that it adds; those of polyfill-glibc are the files alone.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from symver_pin.elf.image import Content
from symver_pin.errors import ElfError
from symver_pin.glibc.maps import default_maps
from symver_pin.repairer.batch import Batch, Settings
from symver_pin.repairer.members import named_member
from symver_pin.verifier import verify

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from whole_system import FOLDERS, elf_files

RELEASE = "2.17"
_SHOWN = 8


def loads(path: str, data: bytes) -> bool:
    """True if the verifier calls a file ok, or finds no fault but a library that another file of a process brings."""
    (file,) = verify([Content(path, data)], RELEASE).files
    return file.verdict == "ok" or {f.kind for f in file.findings if f.fails} == {"library-not-found"}


def polyfilled(program: str, path: Path, folder: Path) -> str:
    """What becomes of a file with polyfill-glibc: "repaired", "crashed", or the reason."""
    copy = folder / "copy"
    copy.write_bytes(path.read_bytes())
    try:
        done = subprocess.run(
            [program, f"--target-glibc={RELEASE}", copy], capture_output=True, text=True, errors="replace", timeout=60
        )
    except subprocess.TimeoutExpired:
        return "does not end within a minute"
    if done.returncode < 0:
        return "crashed"
    if done.returncode:
        return "refused"
    return "repaired" if loads(str(path), copy.read_bytes()) else "written, and does not load"


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--polyfill", metavar="PROGRAM", help="a polyfill-glibc")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take every N-th file only")
    parser.add_argument("folders", nargs="*", default=FOLDERS, help=f"default: {' '.join(FOLDERS)}")
    options = parser.parse_args()
    maps = default_maps()
    batch = Batch(Settings(maps.target(RELEASE), maps))
    ours, theirs, both = Counter[str](), Counter[str](), Counter[str]()
    seconds = {"symver-pin repair": 0.0, "polyfill-glibc": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(elf_files(options.folders))[:: options.every]:
            try:
                member = named_member(path, Path(folder, "out", path.name))
            except ElfError:
                continue
            if loads(str(path), bytes(member.data)):
                continue
            start = time.monotonic()
            status = next(iter(batch.repair([member]))).file.status
            seconds["symver-pin repair"] += time.monotonic() - start
            ours[status] += 1
            if options.polyfill:
                start = time.monotonic()
                other = polyfilled(options.polyfill, path, Path(folder))
                seconds["polyfill-glibc"] += time.monotonic() - start
                theirs[other] += 1
                both[f"{status} here, {other} there"] += 1
                if status == "refused" and other == "repaired":
                    print(f"{path}: refused here, repaired by polyfill-glibc")
    for title, counts in (("symver-pin repair", ours), ("polyfill-glibc", theirs), ("both", both)):
        if counts:
            took = f" ({seconds[title]:.0f} s, with the verdict)" if title in seconds else ""
            print(f"{title}{took}: {', '.join(f'{count} {name}' for name, count in counts.most_common(_SHOWN))}")


if __name__ == "__main__":
    main()
