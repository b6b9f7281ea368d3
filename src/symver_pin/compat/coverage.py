"""Count how many symbols of newer releases a program for the target can use.

Counted are the (symbol, version) pairs that a program linked on a newer release can reference: default versions that
the target does not define. A pair is *pinned* if the target has an older version of the symbol, *compat* if there is a
compat object, else *open*: the link fails and names the symbol. Adapted functions (``cfsetspeed``) have an older
version and a compat object; they count as compat.
"""

from typing import NamedTuple

from symver_pin.compat.table import needed
from symver_pin.glibc.rows import NO_SYMBOL
from symver_pin.glibc.table import SymbolTable, View
from symver_pin.machine.arch import Arch

_CLASSES = {"libm.so.6": "libm", "libmvec.so.1": "libmvec"}


class Coverage(NamedTuple):
    """The symbols of one class of libraries, one entry for each pair, sorted by symbol.

    The class ``name`` is ``libm``, ``libmvec``, or ``libc`` for all other libraries.
    """

    name: str
    pinned: tuple[str, ...]
    compat: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def total(self) -> int:
        """The number of pairs in the class."""
        return len(self.pinned) + len(self.compat) + len(self.open)


def cover(view: View, reference: SymbolTable, arch: Arch) -> tuple[Coverage, ...]:
    """The coverage of each class for the release of ``view``.

    ``reference`` is a symbol table that reaches the newest release.
    """
    provided = {row.symbol for row in needed(view.release, arch)}
    defined = {(row.symbol, row.version) for row in view.rows}
    newer: dict[tuple[str, str], str] = {}
    for row in reference.rows:
        pair = (row.symbol, row.version)
        if row.default and row.span.last > view.release and row.symbol != NO_SYMBOL and pair not in defined:
            newer.setdefault(pair, _CLASSES.get(row.soname, "libc"))
    classes = []
    for name in ("libc", *_CLASSES.values()):
        pairs = sorted(pair for pair, library_class in newer.items() if library_class == name)
        compat = [symbol for symbol, _ in pairs if symbol in provided]
        pinned = [symbol for symbol, _ in pairs if symbol not in provided and symbol in view.default_version]
        uncovered = [symbol for symbol, _ in pairs if symbol not in provided and symbol not in view.default_version]
        classes.append(Coverage(name, tuple(pinned), tuple(compat), tuple(uncovered)))
    return tuple(classes)
