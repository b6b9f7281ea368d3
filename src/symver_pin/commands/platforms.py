"""``platforms``: list the distributions and profiles that can be named as a target."""

from __future__ import annotations

import os
import sys
import time

from symver_pin.command_line.options import add_maps, maps_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.report.platforms import render_json, render_text

_TWO_YEARS = 24
"""Months: ended platforms that lived shorter are listed with ``--all`` only."""


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "List the distributions and profiles that --glibc may name, with what each had on its first day: glibc, the "
        "newest version nodes of libgcc_s and libstdc++, dates.",
        "  symver-pin platforms\n  symver-pin platforms --glibc 2.28 --all",
    )
    parser.add_argument(
        "--glibc",
        metavar="R",
        help="only those that run what is built for R: a glibc release (2.19) or a platform (debian8)",
    )
    parser.add_argument(
        "--all", action="store_true", help="also those that lived for less than two years and have ended"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print")
    add_maps(parser)


def run(options: Options) -> int:
    """Print the table, or the platforms that a target's programs run on."""
    maps, day = maps_of(options), today()
    target = maps.target(options.glibc) if options.glibc else None
    shown = [
        platform
        for platform in maps.platforms
        if (options.all or not platform.ended(day) or (platform.lifetime or 0) >= _TWO_YEARS)
        and (target is None or (target.glibc <= platform.glibc and target.gcc <= platform.gcc))
    ]
    if options.format == "json":
        sys.stdout.write(render_json(shown, maps.platforms, day))
    else:
        sys.stdout.write(render_text(shown, maps.platforms, target, day))
    return 0


def today() -> str:
    """This day as ``2026-11-22``; ``$SOURCE_DATE_EPOCH`` (seconds) replaces it, so that output can be repeated."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return time.strftime("%Y-%m-%d", time.gmtime(int(epoch) if epoch.isdigit() else None))
