"""``cc`` and ``c++``: run the compiler with the kit."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from symver_pin import handover
from symver_pin.builds.cc import CompilerDriver
from symver_pin.cache_key import program_files
from symver_pin.command_line.kit_options import add_claim_version, add_kit_options, request_of
from symver_pin.command_line.options import arch_of, maps_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.kit.command import default_cc, split_command
from symver_pin.kit.model import STAMP, Kit, read_stamp
from symver_pin.variables import CLAIM_VERSION


def configure_parser(parser: CommandParser) -> None:
    """Declare the options; the last word of the parser's name is the driver."""
    driver = parser.prog.split()[-1]
    parser.describe(
        "Run the real compiler with the kit: a drop-in for CC and CXX. Options of symver-pin stand before the "
        "compiler's own; the first other word, or --, ends them.",
        f"  symver-pin {driver} --glibc 2.19 -O2 -o app app.c\n  make CC='symver-pin cc' CXX='symver-pin c++'",
    )
    add_kit_options(parser)
    add_claim_version(parser)
    parser.set_defaults(driver=driver)
    parser.pass_words(refuse_own=True)


def run(options: Options) -> int:
    """Replace this process by the compiler."""
    words = sys.argv[1:]
    is_this_call = words[:1] == [options.driver]  # and not one of ``cli.main`` from Python

    def record(kit: Kit, program: Path) -> None:
        if is_this_call:
            _record(words, options, kit, program)

    return CompilerDriver(options.driver, options.claim_version, record).run(options.words, request_of(options))


def _record(words: list[str], options: Options, kit: Kit, program: Path) -> None:
    """Let the next call with the same options start the wrapper at once (``handover``)."""
    stamp = read_stamp(kit.path)
    if stamp is None:
        return
    text = options.cc or default_cc(arch_of(options))
    programs = {name: found for name in split_command(text) if "/" not in name and (found := shutil.which(name))}
    files = [program, kit.path / STAMP, Path(stamp.features[0]), *(kit.path / name for name in stamp.files)]
    files += [Path(word) for word in shlex.split(stamp.cc) if word.startswith("/")]
    files += [Path(handover.__file__), *program_files(maps_of(options))]
    added = CLAIM_VERSION if options.claim_version else ""
    handover.write_record(words, str(program), added, [str(path) for path in files], programs)
