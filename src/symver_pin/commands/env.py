"""``env``: print the environment of a build with the kit."""

from __future__ import annotations

import sys

from symver_pin.builds.systems import explained_variables
from symver_pin.command_line.kit_options import add_kit_options, add_static_libgcc, request_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.report.environment import FORMATS, Setting, render_environment


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Print the environment variables with which any build system uses the kit: compilers, CMake's toolchain file, "
        "and what Go, node-gyp, cargo and pkg-config read. The kit's own file env.sh sets the same.",
        '  eval "$(symver-pin env --glibc 2.19)"                      # this shell and what it starts\n'
        "  symver-pin env --glibc 2.19 --format make > pinned.mk       # include pinned.mk\n"
        '  symver-pin env --glibc 2.19 --format github >> "$GITHUB_ENV"\n'
        "  symver-pin env --glibc 2.19 --explain",
    )
    add_kit_options(parser)
    add_static_libgcc(parser)
    parser.add_argument(
        "--format", metavar="F", default="sh", help=f"how to print them: {', '.join(FORMATS)}; default sh"
    )
    parser.add_argument("--explain", action="store_true", help="say of each variable what it is for")


def run(options: Options) -> int:
    """Print the variables."""
    settings = [Setting(*item) for item in explained_variables(request_of(options))]
    sys.stdout.write(render_environment(settings, options.format, options.explain))
    return 0
