"""``cargo``: run cargo with the kit, then verify what it made."""

from __future__ import annotations

from symver_pin.builds.cargo.system import Cargo
from symver_pin.command_line.kit_options import add_kit_options, add_static_libgcc, request_of
from symver_pin.command_line.parser import CommandParser, Options


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Run cargo with the kit as linker and as C compiler of crates. What build, rustc, run, test, bench, install "
        "and nextest make is verified. Options of symver-pin stand before cargo's own.",
        "  symver-pin cargo --glibc 2.19 build --release\n"
        "  symver-pin cargo build --target aarch64-unknown-linux-gnu.2.17\n"
        "  symver-pin cargo --glibc 2.17 --arch aarch64 run\n"
        "  symver-pin cargo --glibc rhel7 --cc clang install --locked ripgrep\n"
        "  cargo symver-pin test --workspace",
    )
    add_kit_options(parser)
    add_static_libgcc(parser)
    parser.pass_words(refuse_own=True)


def run(options: Options) -> int:
    """Run cargo with the other words; the exit status is cargo's, or 1 when a program would not start."""
    return Cargo().run(options.words, request_of(options))
