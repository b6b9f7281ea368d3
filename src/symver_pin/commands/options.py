"""Options that several commands share: the target, the architecture, the compiler.

Each falls back to an environment variable, then to a default: ``SYMVER_PIN_GLIBC`` (2.19), ``SYMVER_PIN_ARCH`` (this
machine's), ``SYMVER_PIN_CC``, ``SYMVER_PIN_MAPS`` (the shipped tables).
"""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from symver_pin.elf.arch import Arch, find_arch, host_arch
from symver_pin.errors import UsageError
from symver_pin.maps.platforms import Target, resolve_target

if TYPE_CHECKING:
    from symver_pin.gen.kit import Kit, KitOptions

DEFAULT_GLIBC = "2.19"


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are UsageErrors, so that all errors look and exit alike."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of printing the usage and exiting."""
        raise UsageError(f"{message}; see {self.prog} --help")


def parser(name: str, summary: str, example: str) -> Parser:
    """A command's parser with its example in ``--help``."""
    return Parser(
        prog=f"symver-pin {name}",
        description=summary,
        epilog=f"example:\n{example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def add_target(to: argparse.ArgumentParser) -> None:
    """``--glibc``."""
    to.add_argument("--glibc", metavar="R", default=os.environ.get("SYMVER_PIN_GLIBC") or DEFAULT_GLIBC,
                    help="target: a glibc release (2.19) or a platform (debian8, ubuntu14.04, rhel7, manylinux2014); "
                    f"default $SYMVER_PIN_GLIBC or {DEFAULT_GLIBC}")  # fmt: skip


def add_arch(to: argparse.ArgumentParser) -> None:
    """``--arch``, and with it ``--maps``: whose tables."""
    add_maps(to)
    to.add_argument("--arch", metavar="A", default=os.environ.get("SYMVER_PIN_ARCH") or None,
                    help="architecture (x86_64, aarch64 ...); default $SYMVER_PIN_ARCH or this machine's")  # fmt: skip


def add_maps(to: argparse.ArgumentParser) -> None:
    """``--maps``: it becomes the environment variable, which every reader of the tables and every child process
    sees."""
    to.add_argument("--maps", metavar="DIR", action=_SetMaps,
                    help="symbol tables of your own (symver-pin harvest makes them); default $SYMVER_PIN_MAPS or the "
                    "shipped ones")  # fmt: skip


class _SetMaps(argparse.Action):
    def __call__(self, _parser: object, _namespace: object, values: object, _option: object = None) -> None:
        os.environ["SYMVER_PIN_MAPS"] = str(values)


def add_compiler(to: argparse.ArgumentParser) -> None:
    """``--cc``, ``--no-warn``, ``--no-compat``, ``--compat-only``: what only a kit needs."""
    to.add_argument("--no-compat", action="store_true",
                    help="strict: no compat objects, the link fails on all functions younger than the target")
    to.add_argument("--compat-only", metavar="NAME,...",
                    help="compat objects for these younger functions only")  # fmt: skip
    to.add_argument("--no-warn", action="store_true", default=bool(os.environ.get("SYMVER_PIN_NO_WARN")),
                    help="no linker warning for symbols whose old version behaves differently (symver-pin show NAME "
                    "tells how); for links with --fatal-warnings; also $SYMVER_PIN_NO_WARN")  # fmt: skip
    to.add_argument("--cc", metavar="CC", default=os.environ.get("SYMVER_PIN_CC") or None,
                    help="the real C compiler; default $SYMVER_PIN_CC, or cc (for another architecture its "
                    "cross compiler)")  # fmt: skip


def target_of(options: argparse.Namespace) -> Target:
    """The target that was asked for."""
    return resolve_target(options.glibc)


def arch_of(options: argparse.Namespace) -> Arch:
    """The architecture that was asked for."""
    return find_arch(options.arch) if options.arch else host_arch()


def kit_of(options: argparse.Namespace, output: Path | None = None) -> "Kit":
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


def kit_options_of(options: argparse.Namespace) -> "KitOptions":
    """How a kit is to be made, beside its target and compiler."""
    from symver_pin.gen.kit import KitOptions

    return KitOptions(not options.no_warn, _compat_of(options))


def _compat_of(options: argparse.Namespace) -> frozenset[str] | None:
    """The younger functions that compat objects may stand in for; None for all."""
    from symver_pin.compat.table import load

    if options.no_compat:
        return frozenset()
    if options.compat_only is None:
        return None
    names = frozenset(name for name in options.compat_only.split(",") if name)
    unknown = names - {item.symbol for item in load()}
    if unknown:
        raise UsageError(f"--compat-only {sorted(unknown)[0]}: no compat object of that name; symver-pin compat list "
                         f"names them all")  # fmt: skip
    return names


def split_own_options(options_parser: Parser, arguments: list[str]) -> tuple[list[str], list[str]]:
    """Cut a line after the leading options that ``options_parser`` knows; a ``--`` there is dropped.

    Only our own options are known here, and ``--help`` as the only word, so that a compiler's
    own ``--help`` or ``-o`` is never taken.
    """
    actions = options_parser._actions
    takes_value = {word for action in actions for word in action.option_strings if action.nargs is None}
    alone = {word for action in actions for word in action.option_strings if action.nargs == 0} - {"-h", "--help"}
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
