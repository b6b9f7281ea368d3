"""Decide which symbols must be pinned for a target release: those to which a newer glibc binds another version.

The exports of the target are compared with those of every newer release. There are three results:

* A *pin*: the target exports a default version of the symbol, and a newer glibc has another default version.
* A *newer* symbol: the target exports no default version of it, but a newer glibc does.
* A *moved* symbol: a default version in the target's libpthread, libdl, librt ... that the newest libc.so.6 exports. A
  header cannot pin these (see ``docs/mechanism.md``); a link kit can.
"""

from typing import NamedTuple

from symver_pin.glibc.release import FOREVER, Release
from symver_pin.glibc.rows import NO_SYMBOL
from symver_pin.glibc.semantics import SAME, Meaning, Semantics
from symver_pin.glibc.sonames import LIBC
from symver_pin.glibc.table import SymbolTable, View


class Pin(NamedTuple):
    """References to ``symbol`` must bind to ``version``."""

    symbol: str
    version: str


class NewerSymbol(NamedTuple):
    """A symbol that the target lacks, and the first release that exports a default version of it."""

    symbol: str
    since: Release


class Pins(NamedTuple):
    """All decisions for one target, each list sorted by symbol."""

    pins: tuple[Pin, ...]
    newer: tuple[NewerSymbol, ...]
    moved: tuple[str, ...]


def decide_pins(view: View, reference: SymbolTable) -> Pins:
    """Compare the exports of the target with every newer release in the ``reference`` table.

    ``view`` has the exports of the target release; it may come from a table of the user (``--maps``).
    """
    target = view.release
    old = view.default_version
    changed: dict[str, Release] = {}
    for _soname, symbol, version, (first, last), default, *_ in reference.rows:
        if default and last > target and old.get(symbol) != version and first < changed.get(symbol, FOREVER):
            changed[symbol] = first
    changed.pop(NO_SYMBOL, None)
    pins = [Pin(symbol, old[symbol]) for symbol in changed if symbol in old]
    newer = [NewerSymbol(symbol, first) for symbol, first in changed.items() if symbol not in old]
    return Pins(tuple(sorted(pins)), tuple(sorted(newer)), moved_symbols(view, reference.newest))


def changed_meanings(view: View, reference: SymbolTable, semantics: Semantics) -> dict[str, Meaning]:
    """Symbol -> its most serious change of behaviour between the view's default version and the newest version.

    Symbols whose versions all behave the same are left out.
    """
    changed = {row.meaning.symbol for row in semantics.rows if row.meaning.verdict != SAME and not row.meaning.release}
    nodes: dict[str, set[str]] = {}
    for row in reference.rows:
        if row.symbol in changed:
            nodes.setdefault(row.symbol, set()).add(row.version)
    found = {}
    for symbol, newer in nodes.items():
        version = view.default_version.get(symbol)
        meaning = semantics.for_pin(symbol, version, newer, view.arch) if version else None
        if meaning is not None and meaning.verdict != SAME:
            found[symbol] = meaning
    return found


def moved_symbols(view: View, newest: View) -> tuple[str, ...]:
    """The symbols that another library than libc exports in ``view`` and that libc.so.6 exports in ``newest``."""
    in_newest_libc = {row.symbol for row in newest.rows if row.default and row.soname == LIBC}
    candidates = [row for row in view.rows if row.default and row.symbol in in_newest_libc]
    in_libc = {row.symbol for row in candidates if row.soname == LIBC}
    return tuple(sorted({row.symbol for row in candidates} - in_libc - {NO_SYMBOL}))


def moved_libraries(view: View, newest: View) -> tuple[str, ...]:
    """The sonames of the view's libraries with moved symbols.

    Modern link lines do not name them, so ``libc.so`` must.
    """
    moved = set(moved_symbols(view, newest))
    return tuple(sorted({row.soname for row in view.rows if row.default and row.symbol in moved}))
