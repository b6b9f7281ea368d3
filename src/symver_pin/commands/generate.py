"""``gen`` and ``kit``: what is generated for a target."""

import sys
from pathlib import Path

from symver_pin.commands.arguments import Options
from symver_pin.commands.options import add_arch, add_compiler, add_target, arch_of, kit_of, parser, target_of
from symver_pin.maps.release import Release

_LIBC_MERGE = Release(2, 34)


def gen(arguments: list[str]) -> int:
    """Print the pin header or the linker script."""
    options_parser = parser(
        "gen",
        "Print the pin header (cc -include pin.h), or with --format ld a linker script that "
        "is given to the link as one more input file, after the objects.",
        "  symver-pin gen --glibc 2.19 > pin.h\n"
        "  symver-pin gen --glibc 2.19 --format ld > pin.ld\n"
        "  cc -DSYMVER_PIN_WITH_LD -include pin.h app.c pin.ld -o app",
    )
    add_target(options_parser)
    add_arch(options_parser)
    add_compiler(options_parser)
    options_parser.add_argument("--format", choices=("header", "ld"), default="header", help="what to print")
    options_parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="write to FILE instead of stdout")
    options_parser.add_argument(
        "--exclude",
        metavar="NAME",
        action="append",
        default=[],
        help="leave a symbol alone (a name that the program defines itself); repeatable, or names joined by commas",
    )
    options_parser.add_argument(
        "--claim-version", action="store_true", help="let __GLIBC_MINOR__ and __GLIBC_PREREQ answer for the target"
    )
    options = options_parser.parse_args(arguments)
    excluded = [name for names in options.exclude for name in names.split(",") if name]
    text = _header(options, excluded) if options.format == "header" else _script(options)
    if options.output is None:
        sys.stdout.write(text)
        sys.stdout.flush()  # if that fails, the notes below would be about a header that nobody has
    else:
        from symver_pin.files import write_atomic

        write_atomic(options.output, text.encode())
    if options.format == "header":
        _note_limits(options, text)
    return 0


def _header(options: Options, excluded: list[str]) -> str:
    from symver_pin.gen.header_cache import header_text

    return header_text(arch_of(options), target_of(options).glibc, excluded, options.claim_version)


def _note_limits(options: Options, text: str) -> None:
    """Say on stderr what a header for the target cannot do; its own text says it at length."""
    if target_of(options).glibc < _LIBC_MERGE:
        sys.stderr.write(
            "symver-pin: note: a header cannot put symbols right that changed their library in glibc 2.34 "
            "(pthread_create, dlopen ...); add the script of 'symver-pin gen --format ld' to the link, or "
            "use 'symver-pin cc'\n"
        )
    changed = [line.split()[0] for line in text.partition("#ifndef")[0].splitlines() if line.startswith("     ")]
    if changed:
        sys.stderr.write(
            f"symver-pin: note: {len(changed)} pinned functions do something else than today's in some "
            f"cases ({', '.join(changed[-4:])} ...); 'symver-pin show NAME' and the header's text say "
            f"what\n"
        )


def _script(options: Options) -> str:
    from symver_pin.gen.scripts import INPUT_SCRIPT

    return (kit_of(options).lib / INPUT_SCRIPT).read_text(encoding="utf-8")


def kit(arguments: list[str]) -> int:
    """Make or find a kit and print its folder."""
    options_parser = parser(
        "kit",
        "Make the link kit, or find it in the cache, and print its folder.",
        "  KIT=$(symver-pin kit --glibc 2.19)\n  $KIT/bin/cc -O2 -o app app.c",
    )
    add_target(options_parser)
    add_arch(options_parser)
    add_compiler(options_parser)
    options_parser.add_argument("-o", "--output", metavar="DIR", type=Path, help="make it in DIR, not in the cache")
    options = options_parser.parse_args(arguments)
    sys.stdout.write(f"{kit_of(options, options.output).path}\n")
    return 0
