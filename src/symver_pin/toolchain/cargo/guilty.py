"""Which crates want a symbol: those whose objects in an .rlib or .a refer to it without defining it.

Only read when a verdict is negative. A program's own objects are gone by then, after ``cargo install`` the libraries,
too; the program is named where no library wants the symbol.
"""

import io
from collections.abc import Iterable
from pathlib import Path

from symver_pin.archives import static_members
from symver_pin.toolchain.cargo.messages import Artifact


def crates_wanting(symbols: Iterable[str], artifacts: Iterable[Artifact]) -> dict[str, tuple[str, ...]]:
    """Symbol -> the crates whose static libraries refer to it, in cargo's order; () when none does.

    Raises ArchiveError for a broken archive.
    """
    found: dict[str, list[str]] = {symbol: [] for symbol in symbols}
    for artifact in artifacts:
        wanted = {name for archive in artifact.archives if archive.exists() for name in _undefined(archive, found)}
        for symbol in wanted:
            found[symbol].append(artifact.crate)
    return {symbol: tuple(dict.fromkeys(crates)) for symbol, crates in found.items()}


def _undefined(archive: Path, names: Iterable[str]) -> set[str]:
    """Those of ``names`` that some object of an archive refers to and does not define."""
    from elftools.elf.elffile import ELFFile

    wanted: set[str] = set()
    spelled = [(name, name.encode() + b"\0") for name in names]
    for member in static_members(archive):
        candidates = {name for name, text in spelled if text in member.data} - wanted
        if not candidates or not member.data.startswith(b"\x7fELF"):
            continue
        table = ELFFile(io.BytesIO(member.data)).get_section_by_name(".symtab")
        symbols = table.iter_symbols() if table is not None else ()
        wanted |= {s.name for s in symbols if s.name in candidates and s["st_shndx"] == "SHN_UNDEF"}
    return wanted
