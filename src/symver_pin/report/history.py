"""``symver-pin show``: the history of one symbol, as text."""

from symver_pin.compat.table import load
from symver_pin.errors import UsageError
from symver_pin.glibc.release import node_sort_key
from symver_pin.glibc.rows import Row
from symver_pin.glibc.semantics import Meaning, Semantics
from symver_pin.glibc.table import SymbolTable
from symver_pin.machine.arch import Arch
from symver_pin.report.terminal import aligned
from symver_pin.spelling import near

_TYPES = {"F": "function", "D": "object", "T": "thread-local object"}


def render_history(table: SymbolTable, semantics: Semantics, arch: Arch, symbol: str) -> str:
    """The libraries and releases that exported a symbol, and the compat object that replaces it.

    Raises UsageError, with near names, when no release exported it.
    """
    rows = table.history(symbol)
    compat = next((item for item in load() if item.symbol == symbol and item.exists_on(arch)), None)
    if not rows and compat is None:
        alike = near(symbol, {row.symbol for row in table.rows})
        hint = f"; near names: {', '.join(alike)}" if alike else ""
        raise UsageError(
            f"no glibc from {table.covered.first} to {table.covered.last} exports {symbol!r} on {table.name}{hint}"
        )
    lines = [f"{symbol} on {table.name}, glibc {table.covered.first} to {table.covered.last}"]
    if rows:
        lines += [f"  {line}" for line in aligned([_cells(row) for row in rows])]
    for meaning in (*_meanings(semantics, arch, rows), *semantics.without_node(symbol, arch.name)):
        lines.append(f"  since {meaning.node}: {meaning.verdict}: {meaning.text} [{meaning.source}]")
    if compat is not None:
        what = "is in no libc.so" if compat.release is None else f"for targets older than {compat.release}"
        lines.append(f"  compat object: {what} ({compat.kind}, compat/{compat.file})")
        if compat.limits:
            lines.append(f"    limits: {compat.limits}")
    return "\n".join(lines) + "\n"


def _meanings(semantics: Semantics, arch: Arch, rows: tuple[Row, ...]) -> list[Meaning]:
    """The recorded verdict of every step from one version node to the next, oldest first."""
    nodes = sorted({row.version for row in rows}, key=node_sort_key)
    found = (semantics.verdict_of(rows[0].symbol, node, arch.name) for node in nodes[1:])
    return [meaning for meaning in found if meaning is not None]


def _cells(row: Row) -> tuple[str, str, str, str]:
    details = _TYPES[row.type]
    if row.type != "F":
        details += f" of {row.size} bytes"
    if row.alias:
        details += f", alias group {row.alias}"
    if not row.default:
        details += ", compat: for old binaries only"
    if row.note:
        details += f"; {row.note}"
    mark = "@@" if row.default else "@"
    return str(row.span), row.soname, f"{mark}{row.version}", details
