"""``compat``: what the compat objects are, and how much of newer glibc they cover."""

import sys

from symver_pin.commands.options import add_arch, add_target, arch_of, parser, target_of


def compat(arguments: list[str]) -> int:
    """List the compat objects, or print the coverage."""
    options_parser = parser(
        "compat",
        "List the compat objects that a target needs, or print how many of the younger "
        "symbols are covered by them and by pins.",
        "  symver-pin compat list --glibc 2.17\n  symver-pin compat coverage --glibc 2.17",
    )
    options_parser.add_argument("action", choices=("list", "coverage"))
    options_parser.add_argument(
        "--format",
        choices=("text", "markdown"),
        default="text",
        help="how list prints: text (default), or the page docs/compat-symbols.md",
    )
    add_target(options_parser)
    add_arch(options_parser)
    options = options_parser.parse_args(arguments)
    from symver_pin.report.compat import render_coverage, render_list, render_markdown

    target, arch = target_of(options).glibc, arch_of(options)
    if options.action == "list":
        listed = render_markdown if options.format == "markdown" else render_list
        sys.stdout.write(listed(target, arch))
        return 0
    from symver_pin.gen.coverage import cover
    from symver_pin.maps.table import load_reference, load_table

    coverage = cover(load_table(arch.name).view(target), load_reference(arch.name), arch)
    sys.stdout.write(render_coverage(coverage, target))
    return 0
