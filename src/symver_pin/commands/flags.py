"""``flags``: print a kit's flags for a compiler driver or a linker."""

from __future__ import annotations

import sys

from symver_pin.builds.flags import driver_flags, linker_flags
from symver_pin.command_line.kit_options import add_claim_version, add_kit_options, kit_of
from symver_pin.command_line.parser import CommandParser, Options


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Print the kit's flags on one line. They must come before every other -L.",
        "  cc $(symver-pin flags cc) -o app app.c -lm\n  ld $(symver-pin flags ld) ...",
    )
    parser.add_argument("language", choices=("cc", "cxx", "ld"), help="for a C driver, a C++ driver, ld itself")
    add_kit_options(parser)
    parser.add_argument(
        "--linker",
        metavar="NAME",
        help="the linker in use (bfd, gold, lld, mold); default: the one that the compiler runs",
    )
    add_claim_version(parser)


def run(options: Options) -> int:
    """Print the flags on one line."""
    kit = kit_of(options)
    linker = options.linker or kit.linker
    if options.language == "ld":
        words = linker_flags(kit, linker)
    else:
        words = driver_flags(kit, linker, options.language, options.claim_version)
    sys.stdout.write(" ".join(words) + "\n")
    return 0
