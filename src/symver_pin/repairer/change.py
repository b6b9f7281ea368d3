"""What a repair changes in one file, as a value. ``rewrite`` carries it out, ``plan`` makes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Version(NamedTuple):
    """A version node of a library, as a VERNEED entry names it."""

    library: str
    """The soname."""
    node: str


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
    clears_plt_addends: bool = False
    """True to take the marks of ``-z mark-plt`` away: the addends of jump slots, which loaders before 2.36 add to the
    address of the function, and the tags that name the PLT."""
