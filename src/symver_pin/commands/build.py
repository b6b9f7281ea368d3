"""``cc``, ``c++`` and ``flags``: a kit's way into a build."""

import sys

from symver_pin.commands.arguments import Parser
from symver_pin.commands.options import add_arch, add_compiler, add_target, kit_of, parser, split_own_options


def flags(arguments: list[str]) -> int:
    """Print flags on one line."""
    options_parser = parser(
        "flags",
        "Print the kit's flags on one line. They must come before every other -L.",
        "  cc $(symver-pin flags cc) -o app app.c -lm\n  ld $(symver-pin flags ld) ...",
    )
    options_parser.add_argument("language", choices=("cc", "cxx", "ld"), help="for a C driver, a C++ driver, ld itself")
    _add_kit_options(options_parser)
    options_parser.add_argument(
        "--linker",
        metavar="NAME",
        help="the linker in use (bfd, gold, lld, mold); default: the one that the compiler runs",
    )
    options_parser.add_argument(
        "--claim-version", action="store_true", help="let __GLIBC_MINOR__ and __GLIBC_PREREQ answer for the target"
    )
    options = options_parser.parse_args(arguments)
    from symver_pin.toolchain.flags import driver_flags, linker_flags

    kit = kit_of(options)
    linker = options.linker or kit.linker
    if options.language == "ld":
        words = linker_flags(kit, linker)
    else:
        words = driver_flags(kit, linker, options.language, options.claim_version)
    sys.stdout.write(" ".join(words) + "\n")
    return 0


def cc(arguments: list[str]) -> int:
    """Become the C compiler."""
    return _compile("cc", arguments)


def cxx(arguments: list[str]) -> int:
    """Become the C++ compiler."""
    return _compile("c++", arguments)


def _compile(driver: str, arguments: list[str]) -> int:
    options_parser = parser(
        driver,
        "Run the real compiler with the kit: a drop-in for CC and CXX. Options of ours "
        "stand before the compiler's own; the first other word, or --, ends them.",
        f"  symver-pin {driver} --glibc 2.19 -O2 -o app app.c\n  make CC='symver-pin cc' CXX='symver-pin c++'",
    )
    _add_kit_options(options_parser)
    ours, theirs = split_own_options(options_parser, arguments)
    options = options_parser.parse_args(ours)
    from symver_pin.toolchain.run import run_compiler

    run_compiler(kit_of(options), driver, theirs)


def _add_kit_options(to: Parser) -> None:
    add_target(to)
    add_arch(to)
    add_compiler(to)
