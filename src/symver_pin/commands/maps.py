"""``maps``: list the symbol tables, or print what one release exports."""

from __future__ import annotations

import sys

from symver_pin.command_line.options import add_arch, add_target, arch_of, maps_of, target_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.glibc.table import format_dump


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "List the symbol tables, or print every symbol that one release exports.",
        "  symver-pin maps list\n  symver-pin maps dump --arch x86_64 --glibc 2.19",
    )
    parser.add_argument("action", choices=("list", "dump"))
    add_target(parser)
    add_arch(parser)


def run(options: Options) -> int:
    """Print one line for each table, or one for each export."""
    maps = maps_of(options)
    if options.action == "dump":
        view = maps.table(arch_of(options).name).view(target_of(options, maps).glibc)
        sys.stdout.write(format_dump(view.rows))
        return 0
    for name in maps.architectures:
        table = maps.table(name)
        libraries, (first, last) = len(list(table.sonames)), table.covered
        sys.stdout.write(f"{name}\tglibc {first} to {last}\t{libraries} libraries\t{len(table.rows)} rows\n")
    return 0
