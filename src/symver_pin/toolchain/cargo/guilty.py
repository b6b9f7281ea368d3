"""Which crates want a symbol: those whose objects in an .rlib or .a refer to it without defining it.

Only read when a verdict is negative. A program's own objects are gone by then, after ``cargo install`` the libraries,
too; the program is named where no library wants the symbol.
"""

from collections.abc import Iterable
from pathlib import Path

from symver_pin.archives.reader import members
from symver_pin.toolchain.cargo.messages import Artifact


def crates_wanting(symbols: Iterable[str], artifacts: Iterable[Artifact]) -> dict[str, tuple[str, ...]]:
    """Symbol -> the crates whose static libraries refer to it, in cargo's order; () when none does.

    Raises ArchiveError or ElfError for a broken archive.
    """
    found: dict[str, list[str]] = {symbol: [] for symbol in symbols}
    for artifact in artifacts:
        wanted = {name for archive in artifact.archives if archive.exists() for name in _undefined(archive, found)}
        for symbol in wanted:
            found[symbol].append(artifact.crate)
    return {symbol: tuple(dict.fromkeys(crates)) for symbol, crates in found.items()}


def _undefined(archive: Path, names: Iterable[str]) -> set[str]:
    """Those of ``names`` that some object of an archive refers to and does not define."""
    from symver_pin.elf.image import Image
    from symver_pin.elf.linkage import read_linkage

    wanted: set[str] = set()
    for member in members(archive):
        if member.head.startswith(b"\x7fELF"):
            wanted |= read_linkage(Image(member.read(), f"{archive}({member.name})")).wanted.intersection(names)
    return wanted
