"""``cc``, ``c++``, ``cargo`` and the commands that print flags: a kit's way into a build."""

import sys

from symver_pin.commands.arguments import Parser
from symver_pin.commands.options import add_arch, add_compiler, add_target, kit_of, parser


def flags(arguments: list[str]) -> int:
    """Print flags on one line."""
    options_parser = parser("flags", "Print the kit's flags on one line. They must come before every other -L.",
                            "  cc $(symver-pin flags cc) -o app app.c -lm\n"
                            "  ld $(symver-pin flags ld) ...")  # fmt: skip
    options_parser.add_argument("language", choices=("cc", "cxx", "ld"), help="for a C driver, a C++ driver, ld itself")
    _add_kit_options(options_parser)
    options_parser.add_argument("--linker", metavar="NAME", help="the linker in use (bfd, gold, lld, mold); default: "
                                "the one that the compiler runs")  # fmt: skip
    options_parser.add_argument("--claim-version", action="store_true",
                                help="let __GLIBC_MINOR__ and __GLIBC_PREREQ answer for the target")  # fmt: skip
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


def rustflags(arguments: list[str]) -> int:
    """Print RUSTFLAGS."""
    options_parser = parser("rustflags", "Print the kit's flags for rustc on one line.",
                            '  RUSTFLAGS="$(symver-pin rustflags --glibc 2.19)" cargo build')  # fmt: skip
    _add_kit_options(options_parser)
    options = options_parser.parse_args(arguments)
    from symver_pin.toolchain.flags import rust_flags

    sys.stdout.write(" ".join(rust_flags(kit_of(options))) + "\n")
    return 0


def cc(arguments: list[str]) -> int:
    """Become the C compiler."""
    return _compile("cc", arguments)


def cxx(arguments: list[str]) -> int:
    """Become the C++ compiler."""
    return _compile("c++", arguments)


def _compile(driver: str, arguments: list[str]) -> int:
    options_parser = parser(driver, "Run the real compiler with the kit: a drop-in for CC and CXX. Options of ours "
                            "stand before the compiler's own; the first other word, or --, ends them.",
                            f"  symver-pin {driver} --glibc 2.19 -O2 -o app app.c\n"
                            f"  make CC='symver-pin cc' CXX='symver-pin c++'")  # fmt: skip
    _add_kit_options(options_parser)
    ours, theirs = split_own_options(options_parser, arguments)
    options = options_parser.parse_args(ours)
    from symver_pin.toolchain.run import run_compiler

    run_compiler(kit_of(options), driver, theirs)


def cargo(arguments: list[str]) -> int:
    """Become cargo."""
    options_parser = parser("cargo", "Run cargo with the kit as linker and as C compiler of crates. Options of ours "
                            "stand before cargo's own.",
                            "  symver-pin cargo --glibc 2.19 build --release")  # fmt: skip
    _add_kit_options(options_parser)
    ours, theirs = split_own_options(options_parser, arguments)
    options = options_parser.parse_args(ours)
    from symver_pin.toolchain.run import run_cargo

    run_cargo(kit_of(options), theirs)


def cargo_config(arguments: list[str]) -> int:
    """Print a cargo configuration."""
    options_parser = parser("cargo-config", "Print a cargo configuration that makes a plain cargo build use the kit.",
                            "  symver-pin cargo-config --glibc 2.19 > .cargo/config.toml")  # fmt: skip
    _add_kit_options(options_parser)
    options = options_parser.parse_args(arguments)
    from symver_pin.toolchain.cargo_config import render_config

    sys.stdout.write(render_config(kit_of(options)))
    return 0


def _add_kit_options(to: Parser) -> None:
    add_target(to)
    add_arch(to)
    add_compiler(to)


def split_own_options(options_parser: Parser, arguments: list[str]) -> tuple[list[str], list[str]]:
    """Cut a line after the leading options that ``options_parser`` knows; a ``--`` there is dropped.

    Only our own options are known here, and ``--help`` as the only word, so that a compiler's
    own ``--help`` or ``-o`` is never taken.
    """
    takes_value = options_parser.options_with_value
    alone = {"--no-warn", "--no-compat"}
    at = 0
    if arguments in (["--help"], ["-h"]):
        return arguments, []
    while at < len(arguments):
        word = arguments[at]
        if word == "--":
            return arguments[:at], arguments[at + 1 :]
        if word in takes_value:
            at += 2
        elif word in alone or ("=" in word and word.partition("=")[0] in takes_value):
            at += 1
        else:
            break
    return arguments[:at], arguments[at:]
