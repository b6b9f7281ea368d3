"""Options that several commands share: the target, the architecture, the compiler.

Each falls back to an environment variable, then to a default: ``SYMVER_PIN_GLIBC`` (2.19), ``SYMVER_PIN_ARCH`` (this
machine's), ``SYMVER_PIN_CC``, ``SYMVER_PIN_MAPS`` (the shipped tables).
"""

from __future__ import annotations

import os

from symver_pin.commands.arguments import Options, Parser
from symver_pin.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from symver_pin.elf.arch import Arch
    from symver_pin.gen.kit import Kit, KitOptions
    from symver_pin.maps.platforms import Target

DEFAULT_GLIBC = "2.19"


def parser(name: str, summary: str, example: str) -> Parser:
    """A command's parser with its example in ``--help``."""
    return Parser(f"symver-pin {name}", summary, f"example:\n{example}")


def add_target(to: Parser) -> None:
    """``--glibc``."""
    to.add_argument(
        "--glibc",
        metavar="R",
        default=os.environ.get("SYMVER_PIN_GLIBC") or DEFAULT_GLIBC,
        help="target: a glibc release (2.19) or a platform (debian8, ubuntu14.04, rhel7, manylinux2014); "
        f"default $SYMVER_PIN_GLIBC or {DEFAULT_GLIBC}",
    )


def add_arch(to: Parser) -> None:
    """``--arch``, and with it ``--maps``: whose tables."""
    add_maps(to)
    to.add_argument(
        "--arch",
        metavar="A",
        default=os.environ.get("SYMVER_PIN_ARCH") or None,
        help="architecture (x86_64, aarch64 ...); default $SYMVER_PIN_ARCH or this machine's",
    )


def add_maps(to: Parser) -> None:
    """``--maps``: it becomes the environment variable, which every reader of the tables and every child process
    sees."""
    to.add_argument(
        "--maps",
        metavar="DIR",
        type=_set_maps,
        help="symbol tables of your own (symver-pin harvest makes them); default $SYMVER_PIN_MAPS or the shipped ones",
    )


def _set_maps(folder: str) -> str:
    os.environ["SYMVER_PIN_MAPS"] = folder
    return folder


def add_compiler(to: Parser) -> None:
    """``--cc``, ``--no-warn``, ``--no-compat``, ``--compat-only``: what only a kit needs."""
    to.add_argument(
        "--no-compat",
        action="store_true",
        help="strict: no compat objects, the link fails on all functions younger than the target",
    )
    to.add_argument("--compat-only", metavar="NAME,...", help="compat objects for these younger functions only")
    to.add_argument(
        "--no-warn",
        action="store_true",
        default=bool(os.environ.get("SYMVER_PIN_NO_WARN")),
        help="no linker warning for symbols whose old version behaves differently (symver-pin show NAME "
        "tells how); for links with --fatal-warnings; also $SYMVER_PIN_NO_WARN",
    )
    to.add_argument(
        "--cc",
        metavar="CC",
        default=os.environ.get("SYMVER_PIN_CC") or None,
        help="the real C compiler; default $SYMVER_PIN_CC, or cc (for another architecture its cross compiler)",
    )


def target_of(options: Options) -> Target:
    """The target that was asked for."""
    from symver_pin.maps.platforms import resolve_target

    return resolve_target(options.glibc)


def arch_of(options: Options) -> Arch:
    """The architecture that was asked for."""
    from symver_pin.elf.arch import find_arch, host_arch

    return find_arch(options.arch) if options.arch else host_arch()


def kit_of(options: Options, output: Path | None = None) -> Kit:
    """The kit that the shared options ask for; made when it is not there."""
    from symver_pin.compilers import default_cc, find_cc
    from symver_pin.errors import ToolError
    from symver_pin.gen.kit_cache import ensure_kit
    from symver_pin.maps.table import load_table

    arch, target = arch_of(options), target_of(options)
    try:
        cc = find_cc(options.cc or default_cc(arch))
    except ToolError:
        load_table(arch.name)  # says so where it is the architecture that is not known
        raise
    return ensure_kit(target, arch, cc, output, kit_options_of(options))


def kit_options_of(options: Options) -> KitOptions:
    """How a kit is to be made, beside its target and compiler."""
    from symver_pin.gen.kit import KitOptions

    return KitOptions(not options.no_warn, _compat_of(options))


def _compat_of(options: Options) -> frozenset[str] | None:
    """The younger functions that compat objects may stand in for; None for all."""
    from symver_pin.compat.table import load

    if options.no_compat:
        return frozenset()
    if options.compat_only is None:
        return None
    names = frozenset(name for name in options.compat_only.split(",") if name)
    unknown = names - {item.symbol for item in load()}
    if unknown:
        raise UsageError(
            f"--compat-only {sorted(unknown)[0]}: no compat object of that name; symver-pin compat list names them all"
        )
    return names


def split_own_options(options_parser: Parser, arguments: list[str]) -> tuple[list[str], list[str]]:
    """Cut a line after the leading options that ``options_parser`` knows; a ``--`` there is dropped.

    Only our own options are known here, and ``--help`` as the only word, so that a compiler's
    own ``--help`` or ``-o`` is never taken.
    """
    takes_value, alone = options_parser.options_with_value, options_parser.switches
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
