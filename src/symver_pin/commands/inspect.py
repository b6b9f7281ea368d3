"""``show``, ``maps`` and ``doctor``: commands that look and tell."""

import sys

from symver_pin.commands.options import add_arch, add_compiler, add_target, arch_of, parser, target_of


def show(arguments: list[str]) -> int:
    """Print a symbol's history."""
    options_parser = parser(
        "show",
        "Print which releases exported a symbol, from which library and under which version nodes.",
        "  symver-pin show memcpy",
    )
    options_parser.add_argument("symbol", metavar="SYMBOL")
    add_arch(options_parser)
    options = options_parser.parse_args(arguments)
    from symver_pin.maps.table import load_table
    from symver_pin.report.history import render_history

    table = load_table(arch_of(options).name)
    sys.stdout.write(render_history(table, options.symbol))
    return 0


def maps(arguments: list[str]) -> int:
    """List the tables or dump one release."""
    options_parser = parser(
        "maps",
        "List the symbol tables, or print every symbol that one release exports.",
        "  symver-pin maps list\n  symver-pin maps dump --arch x86_64 --glibc 2.19",
    )
    options_parser.add_argument("action", choices=("list", "dump"))
    add_target(options_parser)
    add_arch(options_parser)
    options = options_parser.parse_args(arguments)
    from symver_pin.maps.table import architectures, format_dump, load_table

    if options.action == "dump":
        view = load_table(arch_of(options).name).view(target_of(options).glibc)
        sys.stdout.write(format_dump(view.rows))
        return 0
    for name in architectures():
        table = load_table(name)
        libraries = len({row.soname for row in table.rows})
        first, last = table.covered
        sys.stdout.write(f"{name}\tglibc {first} to {last}\t{libraries} libraries\t{len(table.rows)} rows\n")
    return 0


def doctor(arguments: list[str]) -> int:
    """Print what this host has; 1 when a path that should work does not."""
    options_parser = parser(
        "doctor",
        "Say what this host has (glibc, compilers, linkers, Rust) and try each supported path with a real link.",
        "  symver-pin doctor --glibc 2.19",
    )
    add_target(options_parser)
    add_arch(options_parser)
    add_compiler(options_parser)
    options = options_parser.parse_args(arguments)
    from symver_pin.doctor import examine
    from symver_pin.report.doctor import render_doctor

    findings = examine(target_of(options), arch_of(options), options.cc)
    sys.stdout.write(render_doctor(findings))
    return 0 if all(finding.ok for finding in findings) else 1
