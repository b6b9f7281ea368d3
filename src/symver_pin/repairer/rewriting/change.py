"""What a repair changes in one file, as a value. ``rewrite`` carries it out, ``plan`` makes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Version(NamedTuple):
    """A version node of a library, as a VERNEED entry names it."""

    library: str
    """The soname."""
    node: str


class Undefined(NamedTuple):
    """An import of embedded members."""

    name: str
    version: Version | None
    info: int
    """st_info: its binding and type."""


class Pointer(NamedTuple):
    """A word of embedded members that the loader fills."""

    address: int
    type: int
    """The type of its relocation."""
    symbol: Undefined | None
    """None for an address of the members themselves."""
    addend: int


class Blob(NamedTuple):
    """Members of the compat library, linked to one piece of memory. Addresses count from its beginning."""

    code: bytes
    data: bytes
    """What lies behind the code, from the beginning of a page on."""
    functions: Mapping[str, int]
    """Function or variable -> its address."""
    zeros: frozenset[str]
    """The variables whose content is zero."""
    pointers: tuple[Pointer, ...]
    frames: tuple[tuple[int, int], ...]
    """(address of a function, address of its unwind information)."""

    @property
    def size(self) -> int:
        """Its bytes, and a word behind them that nothing reads."""
        return len(self.code) + len(self.data) + 8

    @property
    def imports(self) -> list[Undefined]:
        """What it needs of other libraries."""
        return list(dict.fromkeys(each.symbol for each in self.pointers if each.symbol is not None))


class Embedded(NamedTuple):
    """Members that are put into one file."""

    blob: Blob
    functions: Mapping[int, str]
    """Symbol number -> the function of the blob that takes its place."""
    stays_loaded: bool = False
    """True for a library, which may not be unloaded any more: members may have registered functions with libc."""


class Change(NamedTuple):
    """The changes of one file. What it does not name stays as it is."""

    needed: tuple[str, ...]
    """DT_NEEDED of the result, in order."""
    versions: Mapping[int, Version | None]
    """Symbol number -> the version to which the symbol is bound; None for none, so that any definition matches."""
    dropped: frozenset[Version] = frozenset()
    """VERNEED entries that no symbol uses, and that are left out."""
    search_path: str | None = None
    """The text of DT_RUNPATH, or of DT_RPATH in a file that has that alone; None to leave it."""
    unpacks_relative: bool = False
    """True to turn packed relative relocations (DT_RELR) into ordinary ones."""
    embedded: Embedded | None = None
    """Members that are put into the file; None for none."""
    clears_plt_addends: bool = False
    """True to take the marks of ``-z mark-plt`` away: the addends of jump slots, which loaders before 2.36 add to the
    address of the function, and the tags that name the PLT."""
