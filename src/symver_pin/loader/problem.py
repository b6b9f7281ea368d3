"""A problem: what a rule finds wrong with a file, and the set of releases on which it is so. ``explain`` makes findings
of problems.
"""

from __future__ import annotations

from typing import NamedTuple

from symver_pin.elf.records import Import
from symver_pin.glibc.release import ReleaseSet
from symver_pin.loader.object import LoadedObject


class Problem(NamedTuple):
    """What one rule finds wrong with one file of a scope."""

    kind: str
    """A name of ``findings.KINDS``."""
    file: LoadedObject
    releases: ReleaseSet
    """The glibc releases on which it holds."""
    library: str | None = None
    version: str | None = None
    symbols: tuple[Import, ...] | None = ()
    """The imports that it is about; None for all that need this version of this library: they are read only if the
    problem holds at the target release, which most do not.
    """
    unversioned: frozenset[bytes] = frozenset()
    """The names of the imports that it is about, where they have no version."""
    detail: str = ""
    by_glibc: bool = True
    """False when the glibc release does not decide it (libstdc++'s nodes): the lowest glibc is found without it."""
