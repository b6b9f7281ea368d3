"""Find the kit of a target in the cache, or make it.

Every ``symver-pin cc`` calls this module. If the kit exists, its files are checked and no process is started.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from symver_pin.cache_key import fingerprint
from symver_pin.errors import OutputError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.kit.command import CompilerCommand
from symver_pin.kit.model import DEFAULTS, Kit, KitOptions, kit_at, valid_stamp
from symver_pin.machine.arch import Arch
from symver_pin.paths import cache_dir

if TYPE_CHECKING:
    from symver_pin.compat.archive import Progress  # its module compiles, and most calls find their kit


def ensure_kit(
    target: Target,
    arch: Arch,
    command: CompilerCommand,
    maps: Maps,
    output: Path | None = None,
    options: KitOptions = DEFAULTS,
    progress: Progress | None = None,
) -> Kit:
    """The kit for a target, in the folder ``output`` (default: a folder in the cache).

    An outdated or damaged kit is made again. ``progress`` is called with the number of finished steps, the number of
    all, and the name of one. Raises UsageError, ToolError or CompatError if the kit cannot be made, OutputError if it
    cannot be written or if somebody else could have written it.
    """
    key = _key(target, arch, command, options, maps)
    final = (output or cache_dir() / "kits" / f"{arch.name}-{target.glibc}-{key[:12]}").absolute()
    if final.is_symlink():  # a kit is renamed to its place, which would replace the link
        final = final.resolve()
    check_owner(*((final,) if output else (cache_dir(), final.parent, final)))
    stamp = valid_stamp(final, key)
    if stamp is None:
        from symver_pin.kit.build import build_kit  # 60 ms, and the kit of most calls exists
        from symver_pin.kit.contents import Recipe

        advice = "name another folder with -o" if output else "set SYMVER_PIN_CACHE to a folder that you can write"
        stamp = build_kit(final, Recipe(key, target, arch, command, options, maps, progress), advice)
    return kit_at(final, stamp)


def _key(target: Target, arch: Arch, command: CompilerCommand, options: KitOptions, maps: Maps) -> str:
    """The cache key of a kit: a digest of its inputs, but for the headers, which only the compiler finds."""
    compat = "all" if options.compat is None else ",".join(sorted(options.compat))
    parts = (str(target.glibc), str(target.gcc), arch.name, str(options.warn), compat, str(options.undeclared))
    return fingerprint((*parts, str(command)), maps, [command.program.resolve()])


def check_owner(*folders: Path) -> None:
    """Refuse folders whose files somebody else could have written, since a kit's code gets into programs.

    Trusted are folders of this user and of root that only their owner, or a group with the number of the owner (the
    user private groups of most distributions), can write. Folders that do not exist are passed over. Raises
    OutputError.
    """
    for folder in folders:
        try:
            status = folder.stat()
        except OSError:
            continue
        if status.st_uid not in (os.geteuid(), 0):
            _distrust(folder, f"belongs to another user (number {status.st_uid})")
        shared = stat.S_IWOTH | (stat.S_IWGRP if status.st_gid != status.st_uid else 0)
        if stat.S_ISDIR(status.st_mode) and status.st_mode & shared:
            _distrust(folder, f"can be written by others (mode {stat.S_IMODE(status.st_mode):o})")


def _distrust(folder: Path, reason: str) -> NoReturn:
    raise OutputError(
        f"{folder}: {reason}, who could put code into your programs; change that, or name another folder with "
        f"SYMVER_PIN_CACHE or -o"
    )
