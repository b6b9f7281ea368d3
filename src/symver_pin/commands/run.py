"""``run``: start any build with the kit."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from symver_pin.builds.systems import AnyBuild
from symver_pin.command_line.kit_options import add_kit_options, add_static_libgcc, request_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.errors import UsageError
from symver_pin.variables import PINNED


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Run a build with the kit: its environment has the kit's compilers in the variables that make, configure "
        "scripts, CMake, Meson, Go, node-gyp and cargo read, so that builds inside of the build use them too. Nothing "
        "else changes. Options of symver-pin stand before the command.",
        "  symver-pin run --glibc 2.17 -- make -j4\n"
        "  symver-pin run --glibc rhel7 --verify build -- sh -c 'cmake -B build && cmake --build build'\n"
        "  symver-pin run --glibc 2.17 --verify bin -- go build -o bin/ ./...\n"
        "  symver-pin env --explain                       # the variables, and what each is for",
    )
    add_kit_options(parser)
    add_static_libgcc(parser)
    parser.add_argument(
        "--verify",
        metavar="DIR",
        action="append",
        type=Path,
        default=[],
        help="verify the programs and libraries in DIR after the command; status 1 if one would not load; repeatable",
    )
    parser.pass_words()


def run(options: Options) -> int:
    """Run the command; its exit status, or 1 when a file would not load."""
    if not options.words:
        raise UsageError("no command to run: symver-pin run [OPTIONS] -- COMMAND; see symver-pin run --help")
    if os.environ.get("CMAKE_TOOLCHAIN_FILE") and PINNED not in os.environ:
        sys.stderr.write(
            "symver-pin: note: CMAKE_TOOLCHAIN_FILE keeps your value; if that file names compilers, add "
            "include(KIT/toolchain.cmake) to it (KIT: symver-pin kit)\n"
        )
    return AnyBuild(options.verify).run(options.words, request_of(options))
