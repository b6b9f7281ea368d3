"""Options that several commands share: the target, the symbol tables, the architecture.

Each falls back to an environment variable, then to a default: ``SYMVER_PIN_GLIBC`` (2.19), ``SYMVER_PIN_MAPS`` (the
shipped tables), ``SYMVER_PIN_ARCH`` (this machine's). ``kit_options`` has those by which a kit is made.
"""

from __future__ import annotations

import os
from typing import TextIO

from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import find_arch, host_arch
from symver_pin.report.terminal import is_colored
from symver_pin.variables import ARCH, GLIBC, MAPS

DEFAULT_GLIBC = "2.19"


def default_glibc() -> str:
    """The target when no option names one."""
    return os.environ.get(GLIBC) or DEFAULT_GLIBC


def add_target(parser: CommandParser, fallback: str = "") -> None:
    """Add ``--glibc``. A command with a ``fallback`` of its own gets None when the option is not given."""
    parser.add_argument(
        "--glibc",
        metavar="R",
        default=None if fallback else default_glibc(),
        help="target: a glibc release (2.19) or a platform (debian8, ubuntu14.04, rhel7, manylinux2014); "
        f"default $SYMVER_PIN_GLIBC or {fallback or DEFAULT_GLIBC}",
    )


def add_maps(parser: CommandParser) -> None:
    """Add ``--maps``."""
    parser.add_argument(
        "--maps",
        metavar="DIR",
        default=os.environ.get(MAPS) or None,
        help="symbol tables of your own (symver-pin harvest makes them); default $SYMVER_PIN_MAPS or the shipped ones",
    )


def add_arch(parser: CommandParser) -> None:
    """Add ``--maps`` and ``--arch``."""
    add_maps(parser)
    parser.add_argument(
        "--arch",
        metavar="A",
        default=os.environ.get(ARCH) or None,
        help="architecture (x86_64, aarch64 ...); default $SYMVER_PIN_ARCH or this machine's",
    )


def add_style(parser: CommandParser) -> None:
    """Add ``--color`` and ``--no-demangle``."""
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="colours; auto: on a terminal, unless $NO_COLOR is set",
    )
    parser.add_argument(
        "--no-demangle", action="store_true", help="print the names of C++ symbols as the files have them"
    )


def colors_of(options: Options, stream: TextIO) -> bool:
    """True if what is printed to a stream gets colours."""
    return options.color == "always" or (options.color == "auto" and is_colored(stream))


def maps_of(options: Options) -> Maps:
    """The symbol tables that the options name. Raises MapsError when the folder does not exist."""
    return Maps(options.maps)


def target_of(options: Options, maps: Maps) -> Target:
    """The target that the options name. Raises UsageError for an unknown one."""
    return maps.target(options.glibc)


def arch_of(options: Options) -> Arch:
    """The architecture that the options name. Raises UsageError for an unknown one."""
    return find_arch(options.arch) if options.arch else host_arch()
