"""``harvest``: make symbol tables from sources."""

from __future__ import annotations

import sys
from pathlib import Path

from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.files import write_atomic
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import parse_release
from symver_pin.glibc.table import SymbolTable, format_table, parse_table
from symver_pin.harvest.build import build_tables
from symver_pin.harvest.sources import Found, read_sources


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Make symbol tables from sources: a tree of shared libraries, a single library, a .deb, .rpm or tar, glibc's "
        "ABI lists, a glibc source tree or git checkout.",
        "  symver-pin harvest --merge libc6_2.44_arm64.deb -o mymaps\n"
        "  symver-pin maps dump --maps mymaps --arch aarch64 --glibc 2.44",
    )
    parser.add_argument("sources", metavar="SOURCE", nargs="+", type=Path)
    parser.add_argument(
        "-o", "--output", metavar="DIR", type=Path, default=Path(), help="where to write <arch>.map; default: here"
    )
    parser.add_argument(
        "--merge", action="store_true", help="add to the tables in DIR, and where it has none to the shipped ones"
    )
    parser.add_argument(
        "--glibc", metavar="R", type=parse_release, help="the release of libraries that come without their libc.so.6"
    )


def run(options: Options) -> int:
    """Read the sources, write one table file for each architecture, print their paths."""
    found = read_sources(options.sources, options.glibc, _print_progress)
    existing = _existing_tables(found, options.output) if options.merge else {}
    texts = {table.name: format_table(table) for table in build_tables(found, existing, default_maps())}
    options.output.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_atomic(options.output / f"{name}.map", text.encode())
        sys.stdout.write(f"{options.output / name}.map\n")
    return 0


def _print_progress(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"reading {text}\n")


def _existing_tables(found: Found, output: Path) -> dict[str, SymbolTable]:
    """The tables that the sources are added to, by name: those in the output folder, else the shipped ones."""
    paths = {path.stem: path for folder in (default_maps().folder, output) for path in folder.glob("*.map")}
    names = {item.arch for item in found.observations} | {f"{item.arch.name}-gcc" for item in found.runtimes}
    return {
        name: parse_table(paths[name].read_text(encoding="ascii"), str(paths[name]))
        for name in sorted(names & paths.keys())
    }
