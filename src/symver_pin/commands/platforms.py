"""``platforms``: the distributions and profiles that can be named as a target."""

import os
import sys

from symver_pin.commands.options import parser

#: In months: ended platforms that lived shorter are listed with ``--all`` only.
_TWO_YEARS = 24


def platforms(arguments: list[str]) -> int:
    """Print the table, or the platforms that a target's programs run on."""
    options_parser = parser(
        "platforms",
        "List the distributions and profiles that --glibc may name, with what each "
        "had on its first day: glibc, the newest version nodes of libgcc_s and libstdc++, dates.",
        "  symver-pin platforms\n  symver-pin platforms --glibc 2.28 --all",
    )
    options_parser.add_argument(
        "--glibc",
        metavar="R",
        help="only those that run what is built for R: a glibc release (2.19) or a platform (debian8)",
    )
    options_parser.add_argument(
        "--all", action="store_true", help="also those that lived for less than two years and have ended"
    )
    options_parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print")
    options = options_parser.parse_args(arguments)
    from symver_pin.maps.platforms import load_platforms, resolve_target
    from symver_pin.report.platforms import render_json, render_text

    day = today()
    known = load_platforms()
    target = resolve_target(options.glibc) if options.glibc else None
    shown = [
        platform
        for platform in known
        if (options.all or not platform.ended(day) or (platform.lifetime or 0) >= _TWO_YEARS)
        and (target is None or (target.glibc <= platform.glibc and target.gcc <= platform.gcc))
    ]
    if options.format == "json":
        sys.stdout.write(render_json(shown, known, day))
    else:
        sys.stdout.write(render_text(shown, known, target, day))
    return 0


def today() -> str:
    """This day as ``2026-11-22``; ``$SOURCE_DATE_EPOCH`` (seconds) stands in for it, so that output repeats."""
    import time

    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return time.strftime("%Y-%m-%d", time.gmtime(int(epoch) if epoch.isdigit() else None))
