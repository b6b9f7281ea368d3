"""What has no compat object, and why.

``absent.tsv`` has one line a symbol, a tab between it and the reason; a line that begins with ``#`` is a comment. A
link that wants one of these fails and names it.
"""

from pathlib import Path
from typing import NamedTuple

ABSENT = Path(__file__).with_name("absent.tsv")


class AbsentSymbol(NamedTuple):
    """A symbol of younger releases that no compat object stands in for."""

    symbol: str
    reason: str


def load_absent() -> tuple[AbsentSymbol, ...]:
    """Every such symbol, in file order."""
    lines = ABSENT.read_text(encoding="utf-8").splitlines()
    return tuple(AbsentSymbol(*line.split("\t")) for line in lines if not line.startswith("#"))
