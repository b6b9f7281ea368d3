"""The symbols that have no compat object, each with the reason.

``absent.tsv`` has one line for each symbol, with two or three columns separated by tabs: the symbol, the reason, and
the architectures that it is about, as in the column ``where`` of ``table.tsv``. Lines that begin with ``#`` are
comments. A link that needs one of these symbols fails and names it.
"""

from pathlib import Path
from typing import NamedTuple

from symver_pin.machine.arch import Arch

ABSENT = Path(__file__).with_name("absent.tsv")


class AbsentSymbol(NamedTuple):
    """A symbol of newer releases that has no compat object."""

    symbol: str
    reason: str
    where: str = ""
    """Architectures or formats of ``long double``, separated by commas; "" for all."""

    def is_about(self, arch: Arch) -> bool:
        """True if an architecture has the symbol, and no compat object for it."""
        return not self.where or not {arch.name, arch.long_double}.isdisjoint(self.where.split(","))


def load_absent(arch: Arch) -> tuple[AbsentSymbol, ...]:
    """The rows of ``absent.tsv`` about an architecture, in file order."""
    lines = ABSENT.read_text(encoding="utf-8").splitlines()
    rows = (AbsentSymbol(*line.split("\t")) for line in lines if not line.startswith("#"))
    return tuple(row for row in rows if row.is_about(arch))
