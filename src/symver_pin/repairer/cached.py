"""Files that a user's compiler makes for a target once, kept in a folder of the cache with a stamp.

The stamp has the size of the file and the status of the compiler's headers: a file with another size, or headers of
another package, are made again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from symver_pin.cache_key import fingerprint
from symver_pin.files import write_atomic
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.kit.cache import check_owner
from symver_pin.kit.command import CompilerCommand
from symver_pin.kit.compiler import Headers
from symver_pin.machine.arch import Arch
from symver_pin.paths import cache_dir, package_folder

_STAMP = "made.json"


def folder_of(
    purpose: str, target: Target, arch: Arch, command: CompilerCommand, maps: Maps, source: Sequence[str]
) -> Path:
    """The folder of what is made for a purpose. ``source`` is the path, in the package, of the module that makes it.

    Raises OutputError if somebody else could have written it, MapsError if a table is broken.
    """
    files = [command.program.resolve(), package_folder().joinpath(*source)]
    key = fingerprint((purpose, str(target.glibc), arch.name, str(command)), maps, files)
    name = f"{arch.name}-{target.glibc}-{purpose.replace(' ', '-')}-{key[:12]}"
    folder = (cache_dir() / "compat-libraries" / name).absolute()
    check_owner(cache_dir(), folder.parent, folder)
    return folder


def is_current(file: Path) -> bool:
    """True if a file is whole and its compiler's headers are still the same."""
    try:
        facts = json.loads((file.parent / _STAMP).read_text(encoding="utf-8"))
        headers = Path(facts["headers"]).stat()
        return (headers.st_size, headers.st_mtime_ns, file.stat().st_size) == (
            facts["headers_size"],
            facts["headers_time"],
            facts["size"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def write_current(file: Path, data: bytes, headers: Headers) -> None:
    """Write a file that was made with these headers, then its stamp. Raises OutputError."""
    status = headers.file.stat()
    facts = {"headers": str(headers.file), "headers_size": status.st_size, "headers_time": status.st_mtime_ns}
    write_atomic(file, data)
    write_atomic(file.parent / _STAMP, json.dumps({**facts, "size": len(data)}).encode() + b"\n")
