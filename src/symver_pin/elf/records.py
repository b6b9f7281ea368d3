"""Records: the format of an architecture's files, version needs, version definitions, imports and symbols."""

from __future__ import annotations

from typing import NamedTuple


class ElfFormat(NamedTuple):
    """The properties of an architecture's ELF files."""

    bits: int
    """32 or 64 (EI_CLASS)."""
    order: str
    """Byte order, as struct spells it: ``<`` or ``>`` (EI_DATA)."""
    machine: int
    """e_machine."""
    flags: int
    """e_flags of an ordinary object of this ABI."""
    page: int
    """The largest page size that its kernels use, in bytes: the alignment of loadable segments."""


class VersionNeed(NamedTuple):
    """One version node that a file needs from one library (a VERNEED auxiliary entry)."""

    library: str
    """The library's soname, as VERNEED names it."""
    version: str
    """The version node: ``GLIBC_2.34``."""
    weak: bool
    """True if the entry is flagged VER_FLG_WEAK: the loader accepts a library without the node."""
    version_index: int
    """The index by which ``.gnu.version`` refers to this entry."""


class VersionDefinition(NamedTuple):
    """One version node that a file defines (a VERDEF entry)."""

    version: str
    base: bool
    """True for the entry that holds the file's own name (VER_FLG_BASE) instead of a version node."""
    version_index: int


class Import(NamedTuple):
    """One symbol that the loader must find in another file."""

    name: str
    version: str | None
    """The version node, None for an unversioned reference."""
    library: str | None
    """The library that VERNEED names for the node; None for an unversioned reference, and for a node that the file
    defines itself."""
    weak: bool
    """True for an undefined weak symbol, which resolves to zero where it is not found."""
    number: int
    """The symbol's index in the dynamic symbol table, by which relocations refer to it."""
    copied: bool
    """True for the executable's copy of a library's variable (a copy relocation)."""


class Symbol(NamedTuple):
    """One dynamic symbol with its version resolved."""

    name: str
    version: str | None
    """The version node, None for an unversioned symbol."""
    library: str | None
    """The library that VERNEED names; None for defined or unversioned symbols."""
    defined: bool
    default: bool
    """False for a compat (hidden) definition."""
    weak: bool
    type: int
    """STT_*, the low four bits of st_info."""
    size: int
    """Bytes."""
    value: int
    section: int
