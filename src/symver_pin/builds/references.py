"""Find the units of a build (crates) that refer to a symbol: those whose .rlib or .a has it as an undefined symbol.

The archives are read only if a file fails. The object files of the program's own unit no longer exist then; after
``cargo install`` the libraries do not exist either. If no library refers to the symbol, the report names the program's
unit.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from symver_pin.archives.reader import members
from symver_pin.elf.image import Image
from symver_pin.elf.object_file import read_object_symbols


class Artifact(NamedTuple):
    """The files of one unit of a build: a crate, a target of a build file."""

    origin: str
    """The unit's name and version, ``regex 1.11.1``."""
    programs: tuple[Path, ...]
    """Executables and shared libraries for the target."""
    archives: tuple[Path, ...]
    """Static libraries (.rlib, .a), which are searched for references to a symbol."""


def origins_referring_to(symbols: Iterable[str], artifacts: Iterable[Artifact]) -> dict[str, tuple[str, ...]]:
    """Symbol -> the units whose static libraries refer to it, in the build's order; () if none does.

    Raises ArchiveError or ElfError for a broken archive.
    """
    found: dict[str, list[str]] = {symbol: [] for symbol in symbols}
    for artifact in artifacts:
        undefined = {name for archive in artifact.archives if archive.exists() for name in _undefined(archive, found)}
        for symbol in undefined:
            found[symbol].append(artifact.origin)
    return {symbol: tuple(dict.fromkeys(crates)) for symbol, crates in found.items()}


def _undefined(archive: Path, names: Iterable[str]) -> set[str]:
    """The ``names`` that are undefined symbols of an object in the archive."""
    found: set[str] = set()
    for member in members(archive):
        if member.head.startswith(b"\x7fELF"):
            symbols = read_object_symbols(Image(member.read(), f"{archive}({member.name})"))
            found |= symbols.undefined.intersection(names)
    return found
