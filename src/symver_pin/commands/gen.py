"""``gen``: print the pin header or the linker script."""

from __future__ import annotations

import sys
from pathlib import Path

from symver_pin.command_line.kit_options import add_claim_version, add_kit_options, kit_of, newer_than_tables
from symver_pin.command_line.options import arch_of, maps_of, target_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.errors import ToolError
from symver_pin.files import write_atomic
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.release import Release
from symver_pin.header.cache import header_text
from symver_pin.kit.command import default_cc, find_command
from symver_pin.kit.compiler import read_headers
from symver_pin.kit.scripts import outside_script
from symver_pin.machine.arch import Arch

_LIBC_MERGE = Release(2, 34)


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Print the pin header (cc -include pin.h), or with --format ld a linker script that is given to the link as "
        "one more input file, after the objects.",
        "  symver-pin gen --glibc 2.19 > pin.h\n"
        "  symver-pin gen --glibc 2.19 --format ld > pin.ld\n"
        "  cc -DSYMVER_PIN_WITH_LD -include pin.h app.c pin.ld -o app",
    )
    add_kit_options(parser)
    parser.add_argument("--format", choices=("header", "ld"), default="header", help="what to print")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="write to FILE instead of stdout")
    parser.add_argument(
        "--exclude",
        metavar="NAME",
        action="append",
        default=[],
        help="leave a symbol alone (a name that the program defines itself); repeatable, or names joined by commas",
    )
    add_claim_version(parser)


def run(options: Options) -> int:
    """Print the header or script; notes on the limits of a header go to stderr."""
    if options.format == "ld":
        text = outside_script(kit_of(options))
    else:
        maps = maps_of(options)
        excluded = [name for names in options.exclude for name in names.split(",") if name]
        release, arch = target_of(options, maps).glibc, arch_of(options)
        newer = _newer_headers(options, arch, maps)
        text = header_text(arch, release, excluded, options.claim_version, maps, newer)
    if options.output is None:
        sys.stdout.write(text)
        sys.stdout.flush()  # if that fails, no note shall follow
    else:
        write_atomic(options.output, text.encode())
    if options.format == "header":
        _note_limits(release, text)
    return 0


def _newer_headers(options: Options, arch: Arch, maps: Maps) -> Release | None:
    """The release of the compiler's headers if the tables do not know it, which a line on stderr says. Else None.

    A header can be made without a compiler; then nothing is known of it.
    """
    try:
        headers = read_headers(find_command(options.cc or default_cc(arch)))
    except ToolError:
        return None
    known = maps.reference(arch.name).covered.last
    if headers.release <= known:
        return None
    sys.stderr.write(f"symver-pin: note: {newer_than_tables(headers.release, known)}\n")
    return headers.release


def _note_limits(target: Release, text: str) -> None:
    """Say on stderr what a header for the target cannot do; its own text says it at length."""
    if target < _LIBC_MERGE:
        sys.stderr.write(
            "symver-pin: note: a header cannot pin symbols that moved to another library in glibc 2.34 "
            "(pthread_create, dlopen ...); add the script of 'symver-pin gen --format ld' to the link, or "
            "use 'symver-pin cc'\n"
        )
    comment = text.partition("#ifndef")[0].partition("CHANGED WITHOUT A NEW VERSION")[0]
    changed = [line.split()[0] for line in comment.splitlines() if line.startswith("     ")]
    if changed:
        sys.stderr.write(
            f"symver-pin: note: the older versions of {len(changed)} pinned functions behave differently in some "
            f"cases ({', '.join(changed[-4:])} ...); 'symver-pin show NAME' and the header's text describe them\n"
        )
