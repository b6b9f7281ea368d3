"""A problem: what a rule finds wrong, and the set of releases on which it is so. ``explain`` makes it a finding."""

from __future__ import annotations

from symver_pin.light import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from symver_pin.elf.dynamic import Import
    from symver_pin.verify.model import Kind
    from symver_pin.verify.objects import Object


class Problem(NamedTuple):
    """One rule's complaint about one file of a scope."""

    kind: Kind
    file: Object
    releases: int
    """The set of glibc releases on which it holds."""
    library: str | None = None
    version: str | None = None
    symbols: tuple[Import, ...] | None = ()
    """The imports that are guilty; None for all that want this version of this library: most problems are not on the
    asked release, so those are looked for late.
    """
    plain: frozenset[bytes] = frozenset()
    """The names of the guilty imports, where they have no version."""
    detail: str = ""
    by_glibc: bool = True
    """False when the glibc release does not decide it (libstdc++'s nodes): the lowest glibc is told without it."""
