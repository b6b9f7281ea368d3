"""Releases of glibc (2.19) and of GCC (4.8, 12), spans of releases, and sets of releases.

A span is written ``2.12-`` (from 2.12 on, still true in the newest release) or ``2.12-2.33`` (both ends included).

A set of releases is an integer (``ReleaseSet``): bit 0 stands for the oldest release of a ``ReleaseAxis``, bit 1 for
the next one. So one pass over a file answers for all releases at once: "in which releases does it load" costs no more
than "does it load in this one".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import NamedTuple

from symver_pin.errors import UsageError


class Release(NamedTuple):
    """A release number; compares as numbers do (2.9 < 2.17)."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


OLDEST_TARGET = Release(2, 12)
"""Every target is at least this old, and exports as default the newest node up to here: no pin goes below it."""
FOREVER = Release(9999, 0)
"""Later than every real release: the end of an open span."""


class Span(NamedTuple):
    """The releases from ``first`` to ``last``, both included; ``last`` is FOREVER while it goes on."""

    first: Release
    last: Release

    def __contains__(self, release: object) -> bool:
        return isinstance(release, Release) and self.first <= release <= self.last

    def __str__(self) -> str:
        return f"{self.first}-" if self.last == FOREVER else f"{self.first}-{self.last}"


ReleaseSet = int
"""Bit n is set if the set contains release n of a ``ReleaseAxis``."""


class ReleaseAxis:
    """The releases that sets of releases are about, oldest first."""

    def __init__(self, releases: tuple[Release, ...]) -> None:
        self.releases = releases
        self.everything: ReleaseSet = (1 << len(releases)) - 1
        """The set of all of them."""
        self._within: dict[Span, ReleaseSet] = {}

    def only(self, release: Release) -> ReleaseSet:
        """The set of one release. Raises ValueError when the axis does not have it."""
        return 1 << self.releases.index(release)

    def before(self, release: Release) -> ReleaseSet:
        """The set of all releases older than one."""
        return (1 << bisect_left(self.releases, release)) - 1

    def within(self, span: Span) -> ReleaseSet:
        """The set of the releases of a span."""
        found = self._within.get(span)
        if found is None:
            found = (1 << bisect_right(self.releases, span.last)) - 1 & ~self.before(span.first)
            self._within[span] = found
        return found

    def first(self, chosen: ReleaseSet) -> Release | None:
        """The oldest release of a set, None of the empty one."""
        return self.releases[(chosen & -chosen).bit_length() - 1] if chosen else None


def parse_release(text: str) -> Release:
    """Read ``2.19``, ``4.8`` or ``12`` (minor 0). Raises UsageError for anything else."""
    major, _, minor = text.partition(".")
    if not (major.isascii() and major.isdigit() and (minor == "" or (minor.isascii() and minor.isdigit()))):
        raise UsageError(f"{text!r} is not a release number; write it like 2.19")
    return Release(int(major), int(minor or 0))


def parse_span(text: str) -> Span:
    """Read ``2.12-`` or ``2.12-2.33``. Raises UsageError for anything else."""
    first, dash, last = text.partition("-")
    if not dash:
        raise UsageError(f"{text!r} is not a span of releases; write it like 2.12- or 2.12-2.33")
    return Span(parse_release(first), parse_release(last) if last else FOREVER)


def _is_number(part: str) -> bool:
    """True if part of a node's name counts as a number; real ones have three digits at most."""
    return part.isdecimal() and len(part) < 10


def node_release(node: str) -> Release | None:
    """The release that a version node is named after: ``GLIBC_2.3.4`` -> 2.3, ``GCC_4.7.0`` -> 4.7.

    None for nodes that carry no release (``GLIBC_ABI_DT_RELR``, ``GLIBC_PRIVATE``).
    """
    _family, key = node_sort_key(node)
    return Release(key[0], key[1]) if len(key) >= 2 and key[0] != FOREVER.major else None


@lru_cache(maxsize=4096)
def node_sort_key(node: str) -> tuple[str, tuple[int, ...]]:
    """Sorts GLIBC_2.9 before GLIBC_2.17, and nodes without a number after their family's numbered ones."""
    family, _, number = node.partition("_")
    parts = number.split(".")
    if all(map(_is_number, parts)):
        return family, tuple(int(part) for part in parts)
    return family, (FOREVER.major, *number.encode("utf-8", "surrogateescape"))
