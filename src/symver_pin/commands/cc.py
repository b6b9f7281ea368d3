"""``cc`` and ``c++``: run the compiler with the kit."""

from __future__ import annotations

from symver_pin.builds.cc import CompilerDriver
from symver_pin.commands.kit_options import add_kit_options, request_of
from symver_pin.commands.parser import CommandParser, Options


def configure_parser(parser: CommandParser) -> None:
    """Declare the options; the last word of the parser's name is the driver."""
    driver = parser.prog.split()[-1]
    parser.describe(
        "Run the real compiler with the kit: a drop-in for CC and CXX. Options of symver-pin stand before the "
        "compiler's own; the first other word, or --, ends them.",
        f"  symver-pin {driver} --glibc 2.19 -O2 -o app app.c\n  make CC='symver-pin cc' CXX='symver-pin c++'",
    )
    add_kit_options(parser)
    parser.set_defaults(driver=driver)
    parser.pass_words()


def run(options: Options) -> int:
    """Replace this process by the compiler."""
    return CompilerDriver(options.driver).run(options.words, request_of(options))
