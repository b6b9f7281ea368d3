"""Options by which a kit is made, and the request that they make."""

from __future__ import annotations

import os
from pathlib import Path

from symver_pin.builds.system import KitRequest
from symver_pin.command_line.options import add_arch, add_target, maps_of, target_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.compat.table import load
from symver_pin.errors import UsageError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.glibc.release import Release
from symver_pin.kit.cache import ensure_kit
from symver_pin.kit.command import CompilerCommand
from symver_pin.kit.model import Kit, KitOptions
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import find_arch
from symver_pin.report.terminal import progress_bar
from symver_pin.spelling import did_you_mean
from symver_pin.variables import CC, NO_WARN, is_on


def add_kit_options(parser: CommandParser, fallback: str = "") -> None:
    """Add all options by which a kit is made; ``fallback`` is as for ``add_target``."""
    add_target(parser, fallback)
    add_arch(parser)
    parser.add_argument(
        "--no-compat",
        action="store_true",
        help="strict: no compat objects, the link fails on all functions younger than the target",
    )
    parser.add_argument("--compat-only", metavar="NAME,...", help="compat objects for these younger functions only")
    parser.add_argument(
        "--undeclared",
        action="store_true",
        help="let links use also functions that this host's headers do not declare (configure scripts then find "
        "functions that the compiler does not know)",
    )
    parser.add_argument(
        "--no-warn",
        action="store_true",
        default=is_on(NO_WARN),
        help="no linker warning for symbols whose old version behaves differently (symver-pin show NAME "
        "describes how); for links with --fatal-warnings; also $SYMVER_PIN_NO_WARN",
    )
    parser.add_argument(
        "--cc",
        metavar="CC",
        default=os.environ.get(CC) or None,
        help="the real C compiler, or a command like 'ccache gcc'; default $SYMVER_PIN_CC, or cc (for another "
        "architecture its cross compiler)",
    )


def add_static_libgcc(parser: CommandParser) -> None:
    """Add ``--static-libgcc``."""
    parser.add_argument(
        "--static-libgcc",
        action="store_true",
        help="link the unwinder into each program: no libgcc_s.so.1 on the target",
    )


def add_claim_version(parser: CommandParser) -> None:
    """Add ``--claim-version``."""
    parser.add_argument(
        "--claim-version", action="store_true", help="let __GLIBC_MINOR__ and __GLIBC_PREREQ answer for the target"
    )


def request_of(options: Options, output: Path | None = None) -> KitRequest:
    """What the options say about the kits of a build; ``output`` is the folder of the kit, None for the cache."""
    maps, kit_options = maps_of(options), kit_options_of(options)
    return KitRequest(
        target_of(options, maps),
        find_arch(options.arch) if options.arch else None,
        options.cc,
        getattr(options, "static_libgcc", False),
        maps,
        lambda target, arch, command: _make(target, arch, command, maps, output, kit_options),
    )


def _make(
    target: Target, arch: Arch, command: CompilerCommand, maps: Maps, output: Path | None, kit_options: KitOptions
) -> Kit:
    """The kit; while it is made, a terminal shows a progress bar from the first step on."""
    with progress_bar("making the kit", patience=0) as progress:
        return ensure_kit(target, arch, command, maps, output, kit_options, progress)


def newer_than_tables(headers: Release, known: Release) -> str:
    """What to say of headers of a glibc that is newer than all symbol tables."""
    return (
        f"the headers are of glibc {headers}, the symbol tables end at {known}: what {headers} changed is not known; "
        f"update symver-pin, or harvest this host's libraries (symver-pin harvest)"
    )


def kit_of(options: Options, output: Path | None = None) -> Kit:
    """The kit that the options describe, from the cache or new. Raises what ``ensure_kit`` raises."""
    return request_of(options, output).kit()


def kit_options_of(options: Options) -> KitOptions:
    """How a kit is made, beside its target and compiler."""
    return KitOptions(not options.no_warn, _compat_names(options), options.undeclared)


def _compat_names(options: Options) -> frozenset[str] | None:
    """The younger functions for which compat objects may be linked; None for all."""
    if options.no_compat:
        return frozenset()
    if options.compat_only is None:
        return None
    names = frozenset(name for name in options.compat_only.split(",") if name)
    unknown = names - {item.symbol for item in load()}
    if unknown:
        near = did_you_mean(min(unknown), [item.symbol for item in load()])
        raise UsageError(
            f"--compat-only {min(unknown)}: no compat object of that name{near or '; symver-pin compat list has them'}"
        )
    return names
