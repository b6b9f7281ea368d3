"""``kit``: make or find a link kit and print its folder."""

from __future__ import annotations

import sys
from pathlib import Path

from symver_pin.command_line.kit_options import add_kit_options, kit_of, newer_than_tables
from symver_pin.command_line.parser import CommandParser, Options


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Make the link kit, or find it in the cache, and print its folder.",
        "  KIT=$(symver-pin kit --glibc 2.19)\n  $KIT/bin/cc -O2 -o app app.c",
    )
    add_kit_options(parser)
    parser.add_argument("-o", "--output", metavar="DIR", type=Path, help="make it in DIR, not in the cache")


def run(options: Options) -> int:
    """Print the folder of the kit."""
    kit = kit_of(options, options.output)
    if kit.headers > kit.known:
        sys.stderr.write(f"symver-pin: note: {newer_than_tables(kit.headers, kit.known)}\n")
    sys.stdout.write(f"{kit.path}\n")
    return 0
