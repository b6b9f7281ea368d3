"""The key of a cache entry: a digest of all inputs of the entry."""

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

from symver_pin import __version__
from symver_pin.glibc.maps import Maps
from symver_pin.paths import compat_dir, package_folder, templates_dir

_ROOMS = ("compat", "elf", "glibc", "harvest", "header", "kit", "machine")
"""The packages that decide what a kit or a header contains."""


def fingerprint(parts: Iterable[str], maps: Maps, files: Iterable[Path] = ()) -> str:
    """Hexadecimal digest of ``parts``, ``files``, the symbol tables and this program (version, sources, templates).

    Of each file the name, size and modification time are digested, not the contents: one stat(2) for each file.
    """
    lines = [__version__, *parts]
    for path in (*files, *program_files(maps)):
        status = path.stat()
        lines.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return blake2b("\n".join(lines).encode(), digest_size=32).hexdigest()


def program_files(maps: Maps) -> list[Path]:
    """The symbol tables, sources and templates that decide what a kit or a header contains."""
    files = [*sorted(maps.folder.iterdir()), *sorted(compat_dir().iterdir()), *sorted(templates_dir().iterdir())]
    files += sorted(path for room in _ROOMS for path in (package_folder() / room).glob("*.[pt]*"))
    return [path for path in files if path.is_file()]
