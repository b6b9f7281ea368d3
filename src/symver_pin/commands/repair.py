"""``repair``: rewrite finished files so that they run on an older glibc."""

from __future__ import annotations

import os
import sys

from symver_pin.command_line.options import add_maps, add_target, maps_of, target_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.repairer.run import repair
from symver_pin.report.repair import render_json, render_text
from symver_pin.report.terminal import progress_bar


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Rewrite programs, libraries, folders and packages, without their source, so that they run on an older glibc: "
        "symbols are bound to the versions that the target has, and what it lacks comes with a library beside them. "
        "The results are verified before anything is written.",
        "  symver-pin repair --glibc 2.17 node -o out/\n"
        "  symver-pin repair --glibc rhel7 --in-place vendor/\n"
        "  symver-pin repair --glibc 2.17 dist/*.whl -o repaired/ --dry-run\n"
        "  symver-pin repair --glibc debian11 tool_1.0_amd64.deb addon-1.0.0.tgz -o out/",
    )
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="FILE",
        help="a program, a library, a folder, or a package: .whl, .deb, npm's .tgz, .tar.gz, .tar.xz",
    )
    add_target(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("-o", "--output", metavar="DIR", help="the folder of the results")
    where.add_argument("--in-place", action="store_true", help="replace the files themselves")
    parser.add_argument("--dry-run", action="store_true", help="print what would be done; write nothing")
    parser.add_argument(
        "--force", action="store_true", help="write the files that can be repaired, even if others cannot be"
    )
    parser.add_argument(
        "--embed",
        action="store_true",
        help="put what the target lacks into each file, instead of a library beside it (x86_64, aarch64)",
    )
    parser.add_argument(
        "--bundle",
        choices=("auto", "never"),
        default="auto",
        help="auto (default): ship the host's libstdc++, libgcc_s ... where the target's is too old for a file",
    )
    parser.add_argument(
        "--runtime",
        metavar="DIR",
        action="append",
        default=[],
        help="take these libraries from a folder, not from the host; repeatable",
    )
    parser.add_argument(
        "--exclude",
        metavar="GLOB",
        action="append",
        default=[],
        help="leave these files and folders in folders and packages as they are, as verify --exclude does; repeatable",
    )
    parser.add_argument(
        "--cc",
        metavar="CC",
        default=os.environ.get("SYMVER_PIN_CC") or None,
        help="the C compiler that makes the compat library; default $SYMVER_PIN_CC, or cc (for another architecture "
        "its cross compiler)",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print what was done")
    add_maps(parser)


def run(options: Options) -> int:
    """Repair, and print the outcome."""
    maps = maps_of(options)
    with progress_bar("compat library") as progress:
        outcome = repair(
            options.sources,
            target_of(options, maps),
            options.output,
            options.in_place,
            options.dry_run,
            options.force,
            options.bundle == "auto",
            options.runtime,
            options.cc,
            maps,
            progress,
            options.exclude,
            options.embed,
        )
    sys.stdout.write(render_json(outcome) if options.format == "json" else render_text(outcome))
    sys.stdout.flush()
    for file in outcome.files:
        if file.status == "error":
            sys.stderr.write(f"symver-pin: error: {file.reason}\n")
    return outcome.exit_status
