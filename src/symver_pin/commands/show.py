"""``show``: print the history of a symbol."""

from __future__ import annotations

import sys

from symver_pin.command_line.options import add_arch, arch_of, maps_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.report.history import render_history


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Print which releases exported a symbol, from which library and under which version nodes.",
        "  symver-pin show memcpy",
    )
    parser.add_argument("symbol", metavar="SYMBOL")
    add_arch(parser)


def run(options: Options) -> int:
    """Print the history."""
    maps, arch = maps_of(options), arch_of(options)
    sys.stdout.write(render_history(maps.table(arch.name), maps.semantics, arch, options.symbol))
    return 0
