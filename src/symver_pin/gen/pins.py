"""Which symbols a header must pin for a target release: those whose unversioned reference means something else later.

Three kinds, by comparing the target's view with every newer release's:

* a *pin*: the target exports a default version, and some newer glibc has another one as default;
* *younger*: the target exports no default version of the name at all, a newer one does;
* *moved*: a default of the target's libpthread, libdl, librt ... that the newest libc.so.6 exports itself. A header
  cannot put these right (see ``docs/mechanism.md``), a link kit does.
"""

from typing import NamedTuple

from symver_pin.maps.model import NO_SYMBOL
from symver_pin.maps.release import FOREVER, Release
from symver_pin.maps.semantics import SAME, Meaning, load_semantics
from symver_pin.maps.table import Table, View

LIBC = "libc.so.6"


class Pin(NamedTuple):
    """Bind references to ``symbol`` to ``version``."""

    symbol: str
    version: str


class Younger(NamedTuple):
    """A symbol that the target lacks, and the first release that lets a program link it."""

    symbol: str
    since: Release


class Pins(NamedTuple):
    """All decisions for one target, each list sorted by symbol."""

    pins: tuple[Pin, ...]
    younger: tuple[Younger, ...]
    moved: tuple[str, ...]


def decide(view: View, reference: Table) -> Pins:
    """Compare the target's view with every newer release of the reference table."""
    target = view.release
    old = view.default_version
    changed: dict[str, Release] = {}
    for _soname, symbol, version, (first, last), default, *_ in reference.rows:
        if default and last > target and old.get(symbol) != version and first < changed.get(symbol, FOREVER):
            changed[symbol] = first
    changed.pop(NO_SYMBOL, None)
    pins = [Pin(symbol, old[symbol]) for symbol in changed if symbol in old]
    younger = [Younger(symbol, first) for symbol, first in changed.items() if symbol not in old]
    return Pins(tuple(sorted(pins)), tuple(sorted(younger)), moved_symbols(view, reference.newest))


def changed_meanings(view: View, reference: Table) -> dict[str, Meaning]:
    """Symbol -> the worst step between the version that the view exports by default and the newest one, of every symbol
    where that step is not harmless.
    """
    semantics = load_semantics()
    suspects = {row.meaning.symbol for row in semantics.rows if row.meaning.verdict != SAME}
    nodes: dict[str, set[str]] = {}
    for row in reference.rows:
        if row.symbol in suspects:
            nodes.setdefault(row.symbol, set()).add(row.version)
    found = {}
    for symbol, newer in nodes.items():
        version = view.default_version.get(symbol)
        meaning = semantics.for_pin(symbol, version, newer, view.arch) if version else None
        if meaning is not None and meaning.verdict != SAME:
            found[symbol] = meaning
    return found


def moved_symbols(view: View, newest: View) -> tuple[str, ...]:
    """Names that the view's libc lacks, another of its libraries has, and the newest libc.so.6 exports."""
    today = {row.symbol for row in newest.rows if row.default and row.soname == LIBC}
    linkable = [row for row in view.rows if row.default and row.symbol in today]
    home = {row.symbol for row in linkable if row.soname == LIBC}
    return tuple(sorted({row.symbol for row in linkable} - home - {NO_SYMBOL}))


def moved_libraries(view: View, newest: View) -> tuple[str, ...]:
    """The view's libraries that hold moved symbols: a modern link line no longer names them, so libc's script must."""
    moved = set(moved_symbols(view, newest))
    return tuple(sorted({row.soname for row in view.rows if row.default and row.symbol in moved}))
