"""How much of what younger releases export a program for the target can use.

Counted are the (symbol, version) pairs that a program linked on some newer release could want: default versions that
the target does not define. Each is *pinned* (the target has an older version of the symbol), has a *compat* object, or
is *open*: the link fails and names it. Adapted functions (``cfsetspeed``) have both; they count as compat.
"""

from typing import NamedTuple

from symver_pin.compat.table import needed
from symver_pin.elf.arch import Arch
from symver_pin.maps.model import NO_SYMBOL
from symver_pin.maps.table import Table, View

_CLASSES = {"libm.so.6": "libm", "libmvec.so.1": "libmvec"}


class Coverage(NamedTuple):
    """The pairs of one class: ``libc`` (everything else), ``libm``, ``libmvec``; each list sorted by symbol."""

    name: str
    pinned: tuple[str, ...]
    compat: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def total(self) -> int:
        """All pairs of the class."""
        return len(self.pinned) + len(self.compat) + len(self.open)


def cover(view: View, reference: Table, arch: Arch) -> tuple[Coverage, ...]:
    """The coverage of every class for the view's release."""
    provided = {row.symbol for row in needed(view.release.minor, arch)}
    defined = {(row.symbol, row.version) for row in view.rows}
    wanted: dict[tuple[str, str], str] = {}
    for row in reference.rows:
        pair = (row.symbol, row.version)
        if row.default and row.span.last > view.release and row.symbol != NO_SYMBOL and pair not in defined:
            wanted.setdefault(pair, _CLASSES.get(row.soname, "libc"))
    classes = []
    for name in ("libc", *_CLASSES.values()):
        pairs = sorted(pair for pair, home in wanted.items() if home == name)
        compat = [symbol for symbol, _ in pairs if symbol in provided]
        pinned = [symbol for symbol, _ in pairs if symbol not in provided and symbol in view.default_version]
        left = [symbol for symbol, _ in pairs if symbol not in provided and symbol not in view.default_version]
        classes.append(Coverage(name, tuple(pinned), tuple(compat), tuple(left)))
    return tuple(classes)
