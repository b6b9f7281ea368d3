"""``symver-pin show``: the history of one symbol, as text."""

from difflib import get_close_matches

from symver_pin.compat.table import load
from symver_pin.elf.arch import find_arch
from symver_pin.errors import UsageError
from symver_pin.maps.model import Row
from symver_pin.maps.release import node_sort_key
from symver_pin.maps.semantics import Meaning, load_semantics
from symver_pin.maps.table import Table

_TYPES = {"F": "function", "D": "object", "T": "thread-local object"}


def render_history(table: Table, symbol: str) -> str:
    """Where and when a symbol was exported, and whether a compat object stands in for it.

    Raises UsageError, with near names, when no release exported it.
    """
    rows = table.history(symbol)
    stand_in = next((item for item in load() if item.symbol == symbol and item.exists_on(find_arch(table.name))), None)
    if not rows and stand_in is None:
        near = get_close_matches(symbol, {row.symbol for row in table.rows}, 3)
        hint = f"; near names: {', '.join(near)}" if near else ""
        raise UsageError(
            f"no glibc from {table.covered.first} to {table.covered.last} exports {symbol!r} on {table.name}{hint}"
        )
    lines = [f"{symbol} on {table.name}, glibc {table.covered.first} to {table.covered.last}"]
    if rows:
        widths = [max(len(text[column]) for text in map(_cells, rows)) for column in range(4)]
        lines += [
            "  " + "  ".join(f"{c:<{w}}" for c, w in zip(_cells(row), widths, strict=True)).rstrip() for row in rows
        ]
    for meaning in _meanings(table, rows):
        lines.append(f"  since {meaning.node}: {meaning.verdict}: {meaning.reason} [{meaning.source}]")
    if stand_in is not None:
        what = "is in no libc.so" if stand_in.release is None else f"for targets older than 2.{stand_in.release}"
        lines.append(f"  compat object: {what} ({stand_in.kind}, compat/{stand_in.file})")
        if stand_in.limits:
            lines.append(f"    limits: {stand_in.limits}")
    return "\n".join(lines) + "\n"


def _meanings(table: Table, rows: tuple[Row, ...]) -> list[Meaning]:
    """The recorded verdict of every step from one version node to the next, oldest first."""
    nodes = sorted({row.version for row in rows}, key=node_sort_key)
    found = (load_semantics().verdict_of(rows[0].symbol, node, table.name) for node in nodes[1:])
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
