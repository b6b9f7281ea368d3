"""``cargo-init``: write the files that make a cargo project build pinned."""

from __future__ import annotations

import sys
from pathlib import Path

from symver_pin.builds.cargo.project import init_project
from symver_pin.commands.options import add_maps, add_target, maps_of, target_of
from symver_pin.commands.parser import CommandParser, Options


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Give a cargo project a command that builds it pinned (cargo pinned-build) and a CI workflow that does so. "
        "Both can be committed: they hold no path of this machine.",
        "  symver-pin cargo-init --glibc 2.19\n  cargo pinned-build --release",
    )
    parser.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        type=Path,
        default=Path(),
        help="the project's folder; default the current one",
    )
    add_target(parser)
    add_maps(parser)


def run(options: Options) -> int:
    """Write the files and print the paths of those that changed."""
    for path in init_project(options.folder, target_of(options, maps_of(options))):
        sys.stdout.write(f"{path}\n")
    return 0
