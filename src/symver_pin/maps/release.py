"""Releases of glibc (2.19) and of GCC (4.8, 12): an ordered pair, and the span that a table row covers.

A span is written ``2.12-`` (from 2.12 on, still true in the newest release) or ``2.12-2.33`` (both ends included).
"""

from __future__ import annotations

from symver_pin.errors import UsageError
from symver_pin.light import NamedTuple


class Release(NamedTuple):
    """A release number; compares as numbers do (2.9 < 2.17)."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


#: Every target is at least this old, and exports as default the newest node up to here: no pin goes below it.
OLDEST_TARGET = Release(2, 12)
#: Later than every real release: the end of an open span.
FOREVER = Release(9999, 0)


class Span(NamedTuple):
    """The releases from ``first`` to ``last``, both included; ``last`` is FOREVER while it goes on."""

    first: Release
    last: Release

    def __contains__(self, release: object) -> bool:
        return isinstance(release, Release) and self.first <= release <= self.last

    def __str__(self) -> str:
        return f"{self.first}-" if self.last == FOREVER else f"{self.first}-{self.last}"


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
    """Whether part of a node's name counts as a number; real ones have three digits at most."""
    return part.isdecimal() and len(part) < 10


def node_release(node: str) -> Release | None:
    """The release that a version node is named after: ``GLIBC_2.3.4`` -> 2.3, ``GCC_4.7.0`` -> 4.7.

    None for nodes that carry no release (``GLIBC_ABI_DT_RELR``, ``GLIBC_PRIVATE``).
    """
    _family, key = node_sort_key(node)
    return tuple.__new__(Release, key[:2]) if len(key) >= 2 and key[0] != FOREVER.major else None


def node_sort_key(node: str) -> tuple[str, tuple[int, ...]]:
    """Sorts GLIBC_2.9 before GLIBC_2.17, and nodes without a number after their family's numbered ones."""
    key = _sort_keys.get(node)
    if key is None:
        family, _, number = node.partition("_")
        parts = number.split(".")
        if all(map(_is_number, parts)):
            key = family, tuple(int(part) for part in parts)
        else:
            key = family, (FOREVER.major, *number.encode("utf-8", "surrogateescape"))
        if len(_sort_keys) < _MOST_KEYS:
            _sort_keys[node] = key
    return key


#: The keys made so far; real tables have some three hundred nodes, hostile files may have any number.
_sort_keys: dict[str, tuple[str, tuple[int, ...]]] = {}
_MOST_KEYS = 4096
