"""``harvest``: make symbol tables from sources."""

import sys
from pathlib import Path

from symver_pin.commands.options import parser
from symver_pin.maps.release import parse_release


def harvest(arguments: list[str]) -> int:
    """Read the sources, write one table file an architecture."""
    options_parser = parser(
        "harvest",
        "Make symbol tables from sources: a tree of shared libraries, a single library, "
        "a .deb, .rpm or tar, glibc's ABI lists, a glibc source tree or git checkout.",
        "  symver-pin harvest --merge libc6_2.44_arm64.deb -o mymaps\n"
        "  symver-pin maps dump --maps mymaps --arch aarch64 --glibc 2.44",
    )
    options_parser.add_argument("sources", metavar="SOURCE", nargs="+", type=Path)
    options_parser.add_argument(
        "-o", "--output", metavar="DIR", type=Path, default=Path(), help="where to write <arch>.map; default: here"
    )
    options_parser.add_argument(
        "--merge", action="store_true", help="add to the tables in DIR, and where it has none to the shipped ones"
    )
    options_parser.add_argument(
        "--glibc", metavar="R", type=parse_release, help="the release of libraries that come without their libc.so.6"
    )
    options = options_parser.parse_args(arguments)
    from symver_pin.files import write_atomic
    from symver_pin.harvest.build import build_tables
    from symver_pin.harvest.sources import read_sources
    from symver_pin.maps.table import format_table, parse_table
    from symver_pin.resources import shipped_maps_dir

    def progress(text: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"reading {text}\n")

    found = read_sources(options.sources, options.glibc, progress)
    existing = {}
    if options.merge:
        paths = {path.stem: path for folder in (shipped_maps_dir(), options.output) for path in folder.glob("*.map")}
        names = {item.arch for item in found.observations} | {f"{item.arch.name}-gcc" for item in found.runtimes}
        for name in sorted(names & paths.keys()):
            existing[name] = parse_table(paths[name].read_text(encoding="ascii"), str(paths[name]))
    texts = {table.name: format_table(table) for table in build_tables(found, existing)}
    options.output.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_atomic(options.output / f"{name}.map", text.encode())
        sys.stdout.write(f"{options.output / name}.map\n")
    return 0
