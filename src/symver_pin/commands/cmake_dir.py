"""``cmake-dir``: print the folder of the CMake module."""

from __future__ import annotations

import sys

from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.paths import cmake_dir


def configure_parser(parser: CommandParser) -> None:
    """Declare the options: there are none."""
    parser.describe(
        "Print the folder of the CMake module, for find_package(SymverPin), which defines symver_pin_target().",
        "  cmake -S . -B build -DSymverPin_DIR=$(symver-pin cmake-dir)",
    )


def run(options: Options) -> int:
    """Print the folder."""
    sys.stdout.write(f"{cmake_dir()}\n")
    return 0
