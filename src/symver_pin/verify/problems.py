"""A problem: what a rule finds wrong, and the set of releases on which it is so. ``explain`` makes it a finding."""

from typing import NamedTuple

from symver_pin.elf.symtab import Import
from symver_pin.verify.model import Kind


class Problem(NamedTuple):
    """One rule's complaint about one file of a scope."""

    kind: Kind
    file: str
    releases: int
    """The set of glibc releases on which it holds."""
    library: str | None = None
    version: str | None = None
    symbols: tuple[Import, ...] = ()
    detail: str = ""
    by_glibc: bool = True
    """False when the glibc release does not decide it (libstdc++'s nodes): the lowest glibc is told without it."""
