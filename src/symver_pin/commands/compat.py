"""``compat``: list the compat objects, or print how much of newer glibc they cover."""

from __future__ import annotations

import sys

from symver_pin.command_line.options import add_arch, add_target, arch_of, maps_of, target_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.compat.coverage import cover
from symver_pin.report.compat import render_coverage, render_list, render_markdown


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "List the compat objects that a target needs, or print how many of the younger symbols are covered by them and "
        "by pins.",
        "  symver-pin compat list --glibc 2.17\n  symver-pin compat coverage --glibc 2.17",
    )
    parser.add_argument("action", choices=("list", "coverage"))
    parser.add_argument(
        "--format",
        choices=("text", "markdown"),
        default="text",
        help="how list prints: text (default), or the page docs/compat-symbols.md",
    )
    add_target(parser)
    add_arch(parser)


def run(options: Options) -> int:
    """Print the list or the coverage."""
    maps, arch = maps_of(options), arch_of(options)
    target = target_of(options, maps).glibc
    if options.action == "list":
        render = render_markdown if options.format == "markdown" else render_list
        sys.stdout.write(render(target, arch))
    else:
        coverage = cover(maps.table(arch.name).view(target), maps.reference(arch.name), arch)
        sys.stdout.write(render_coverage(coverage, target))
    return 0
