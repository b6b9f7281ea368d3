"""Decide which of the target's symbols a new link with a kit can use.

A configure script tries by a link whether a function exists, and the compiler then needs its declaration. So new links
see the symbols that the headers of the build host declare, which are those that the host's own glibc exports to new
links. Two examples: ``strlcpy`` (2.38) has a compat object, but the headers of 2.36 do not declare it; ``ustat`` is in
every glibc up to the newest, but headers since 2.28 do not declare it and libc.so.6 keeps it for old programs only.

Reserved names (``__isoc23_strtol``) are always visible: no source calls them by name, only objects compiled elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from symver_pin.compat.table import CompatSymbol
from symver_pin.glibc.release import Release, Span
from symver_pin.glibc.rows import NO_SYMBOL, Export
from symver_pin.glibc.sonames import LIBC, SONAMES
from symver_pin.glibc.table import SymbolTable, View
from symver_pin.machine.arch import Arch

_FROM_ELSEWHERE = frozenset({SONAMES["libcrypt"], SONAMES["libnsl"]})
"""Libraries that distributions build from other sources today (libxcrypt, libnsl), with headers of their own: glibc's
exports do not decide what these headers declare."""


class Linkable(NamedTuple):
    """The symbols of a kit's stubs that a new link must not bind to; it can use all others."""

    hidden: frozenset[str]
    """Symbols to which an unversioned reference must not bind in a stub: the compat objects supply them, or the
    headers of the build host do not declare them."""
    lost: frozenset[tuple[str, str, str]]
    """(soname, symbol, version) of default exports that the stubs leave out, see ``lost_exports``."""

    def binds(self, export: Export) -> bool:
        """True if an unversioned reference binds to an export of a stub."""
        return export.default and export.symbol not in self.hidden


def is_reserved(symbol: str) -> bool:
    """True for a name that the C standard reserves for the implementation: it begins with an underscore."""
    return symbol.startswith("_")


def declared_symbols(reference: SymbolTable, headers: Release) -> frozenset[str]:
    """The default exports of glibc at the release ``headers``, which stand for the symbols that its headers declare.

    A release outside of the table counts as the nearest one that it covers.
    """
    first, last = reference.covered
    release = min(max(headers, first), last)
    return frozenset(row.symbol for row in reference.rows if row.default and release in row.span)


def usable(rows: Iterable[CompatSymbol], declared: Collection[str]) -> frozenset[str]:
    """The symbols of the compat objects that code compiled with the host's headers can use."""
    return frozenset(row.symbol for row in rows if is_reserved(row.symbol) or row.symbol in declared)


def undeclared_symbols(view: View, declared: Collection[str]) -> frozenset[str]:
    """The target's functions that the host's headers do not declare. Reserved names are never among them.

    Variables (``sys_errlist``, up to 2.31) stay: code that uses one must declare it itself, so no implicit declaration
    comes of it, and objects compiled on an older host link.
    """
    own = {row.symbol for row in view.rows if row.default and row.type == "F" and row.soname not in _FROM_ELSEWHERE}
    return frozenset(symbol for symbol in own if symbol not in declared and not is_reserved(symbol))


def lost_exports(view: View, reference: SymbolTable, arch: Arch) -> frozenset[tuple[str, str, str]]:
    """(soname, symbol, version) of the target's default exports that a later release does not resolve any more.

    A program bound to such an export would load on the releases up to there only: libc.so.6 exports ``scalbln`` up to
    2.14. A reference is resolved if its library, libc.so.6 or the loader, which are in every process, exports the
    version. Libraries that a later release does not have at all are not counted: a distribution keeps them.
    """
    axis = reference.axis
    later = axis.everything & ~axis.within(Span(axis.releases[0], view.release))
    exists: dict[str, int] = {}
    exported: dict[tuple[str, str, str], int] = {}
    for row in reference.rows:
        within = axis.within(row.span)
        exists[row.soname] = exists.get(row.soname, 0) | within
        key = (row.soname, row.symbol, row.version)
        exported[key] = exported.get(key, 0) | within
    lost = set()
    for soname, symbol, version in {(r.soname, r.symbol, r.version) for r in view.rows if r.default}:
        homes = (soname, LIBC, arch.loader)
        resolved = 0
        for home in homes:
            resolved |= exported.get((home, symbol, version), 0)
        if symbol != NO_SYMBOL and later & exists.get(soname, 0) & ~resolved:
            lost.add((soname, symbol, version))
    return frozenset(lost)
