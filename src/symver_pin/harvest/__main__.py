"""``python -m symver_pin.harvest``: build one architecture's table from ABI lists, dumps and real libraries."""

import argparse
import sys
from pathlib import Path

from symver_pin.elf.arch import find_arch
from symver_pin.files import write_atomic
from symver_pin.harvest import abilist, compiler_runtime, dumps, libraries, merge
from symver_pin.harvest.abilist import SONAMES
from symver_pin.harvest.compiler_runtime import LIBGCC, LIBSTDCXX
from symver_pin.harvest.observation import Observation
from symver_pin.maps.release import Release, Span, parse_release
from symver_pin.maps.table import Table, format_table

_OLDEST = 12
_OLDEST_GCC = Release(4, 4)


def corrections(path: Path) -> dict[tuple[str, str], Release]:
    """``corrections.tsv``: (soname, node) -> the first release whose own sources have it."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {(soname, node): parse_release(release) for soname, node, release, _reason in rows}


def gcc_table(arch: str, folders: list[Path], data: Path) -> Table:
    """The table of libgcc_s and libstdc++ over GCC releases, from the newest libraries at hand and older ones."""
    dates = compiler_runtime.read_node_dates(data / "libstdcxx_nodes.tsv")
    covered = Span(_OLDEST_GCC, max(dates.values()))
    rows = set(compiler_runtime.read_libgcc([f / LIBGCC for f in folders if (f / LIBGCC).exists()], covered))
    for folder in folders:
        if (folder / LIBSTDCXX).exists():
            rows.update(compiler_runtime.read_libstdcxx_nodes(folder / LIBSTDCXX, dates, covered))
    return Table(f"{arch}-gcc", covered, tuple(rows))


def main() -> int:
    """Parse, harvest, write ``<out>/<arch>.map``."""
    parser = argparse.ArgumentParser(prog="python -m symver_pin.harvest", description=__doc__)
    parser.add_argument("--arch", default="x86_64")
    parser.add_argument("--abilists", type=Path, required=True, help="tree <release>/<arch>/<lib>.abilist")
    parser.add_argument("--dumps", type=Path, help="folder of defaults_<release>_<arch>.tsv")
    parser.add_argument("--libraries", type=Path, action="append", default=[], help="folder with a libc.so.6")
    parser.add_argument("--gcc-libraries", type=Path, action="append", default=[],
                        help="folder with a libgcc_s.so.1 or a libstdc++.so.6")  # fmt: skip
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    arch = find_arch(options.arch)
    found: list[Observation] = list(abilist.read_tree(options.abilists, arch))
    if options.dumps:
        found += dumps.read_dumps(options.dumps, arch.name)
    for folder in options.libraries:
        found += libraries.read_folder(folder, (*SONAMES.values(), arch.loader))
    newest = max(item.release for item in found)
    releases = [Release(2, minor) for minor in range(_OLDEST, newest.minor + 1)]
    table = merge.merge(arch.name, found, releases, corrections(options.output / "corrections.tsv"))
    write_atomic(options.output / f"{arch.name}.map", format_table(table).encode())
    if options.gcc_libraries:
        runtime = gcc_table(arch.name, options.gcc_libraries, options.output)
        write_atomic(options.output / f"{runtime.name}.map", format_table(runtime).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
