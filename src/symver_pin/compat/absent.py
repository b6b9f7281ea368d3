"""The symbols that have no compat object, each with the reason.

``absent.tsv`` has one line for each symbol: the symbol, a tab, the reason. Lines that begin with ``#`` are comments. A
link that needs one of these symbols fails and names it.
"""

from pathlib import Path
from typing import NamedTuple

ABSENT = Path(__file__).with_name("absent.tsv")


class AbsentSymbol(NamedTuple):
    """A symbol of newer releases that has no compat object."""

    symbol: str
    reason: str


def load_absent() -> tuple[AbsentSymbol, ...]:
    """The rows of ``absent.tsv``, in file order."""
    lines = ABSENT.read_text(encoding="utf-8").splitlines()
    return tuple(AbsentSymbol(*line.split("\t")) for line in lines if not line.startswith("#"))
