"""``rustflags``: print a kit's flags for rustc."""

from __future__ import annotations

import sys

from symver_pin.builds.flags import rust_flags
from symver_pin.command_line.kit_options import add_kit_options, add_static_libgcc, kit_of
from symver_pin.command_line.parser import CommandParser, Options


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Print the kit's flags for rustc on one line.",
        '  RUSTFLAGS="$(symver-pin rustflags --glibc 2.19)" cargo build',
    )
    add_kit_options(parser)
    add_static_libgcc(parser)


def run(options: Options) -> int:
    """Print the flags on one line."""
    sys.stdout.write(" ".join(rust_flags(kit_of(options), options.static_libgcc)) + "\n")
    return 0
