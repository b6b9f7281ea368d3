"""One row of a table, and one release's view of a library."""

from typing import NamedTuple

from symver_pin.glibc.release import Span

NO_SYMBOL = "-"
"""The symbol column of a version node that no symbol carries (``GLIBC_ABI_DT_RELR``)."""


class Row(NamedTuple):
    """What one library exported under one name and version node over a span of releases.

    A row holds constant attributes: when the mark, the size or the library changes, the next span is another row.
    """

    soname: str
    symbol: str
    version: str
    span: Span
    default: bool
    """True for ``@@`` (an unversioned reference binds here), False for ``@`` (only old binaries do)."""
    type: str
    """``F`` function (IFUNC included), ``D`` data object, ``T`` thread-local object, ``N`` a node without symbols."""
    size: int
    """Bytes, of D and T only; 0 otherwise."""
    alias: str
    """The alias group: the name of the symbol that stands for all names at one address; empty when alone."""
    note: str = ""
    """Which sources disagree with the row, ``exceptions.tsv`` has the reason; mostly empty."""


class Export(NamedTuple):
    """One exported symbol in one release's view of one library."""

    symbol: str
    version: str
    default: bool
    type: str
    size: int
    alias: str


class Library(NamedTuple):
    """One shared library in one release: its version nodes in order and its exports."""

    soname: str
    nodes: tuple[str, ...]
    exports: tuple[Export, ...]
