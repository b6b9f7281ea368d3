#!/usr/bin/env python3
"""Write the table of docs/compat.md that says what a program may do with each compat object.

    python tools/safety_table.py                # rewrites the table

The table stands between the lines `<!-- safety -->` and `<!-- end -->`. Its facts are those of
`src/symver_pin/compat/safety.tsv`, its names and releases those of `table.tsv` there. The exit status is 2 when the
page lacks the lines, or when one of the tables is malformed.

Needs the package on its path: run it with the Python of `.venv`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from symver_pin.compat.safety import CALLED, Safety, load_safety, safety_of
from symver_pin.compat.table import CompatSymbol, load
from symver_pin.errors import SymverPinError

PAGE = Path(__file__).resolve().parents[1] / "docs" / "compat.md"

BEGIN, END = "<!-- safety -->\n", "<!-- end -->\n"

HEADINGS = (
    "members",
    "async-signal-safe",
    "cancellation point",
    "thread-safe",
    "fork-safe",
    "Linux",
    "libc's own used",
    "shown by",
)

MOST_NAMES = 8
"""A group with more members is named by its file; compat-symbols.md lists the symbols of each file."""


class PageError(Exception):
    """The page has no place for the table; the text is the reason, one line."""


def _names(row: Safety, members: Sequence[CompatSymbol]) -> str:
    names = list(dict.fromkeys(member.symbol for member in members))
    if len(names) <= MOST_NAMES:
        return " ".join(f"`{name}`" for name in names)
    return f"{len(names)} of {row.file}"


def _since(members: Sequence[CompatSymbol]) -> str:
    releases = sorted({member.release for member in members if member.release is not None})
    return " or ".join(str(release) for release in releases)


def _cells(row: Safety, members: Sequence[CompatSymbol]) -> tuple[str, ...]:
    since = _since(members)
    cancel = f"from {since} on" if row.cancel == "libc" else row.cancel
    libc = f"from {since} on" if row.libc == CALLED else row.libc.removeprefix("asked: ").removeprefix(f"{CALLED} ")
    tests = " ".join(f"`{test}`" for test in row.tests)
    return (_names(row, members), row.signal, cancel, row.threads, row.fork, row.kernel or "any", libc, tests)


def table() -> str:
    """The table in Markdown, with its final newline. Raises CompatError when the two tables do not fit."""
    lines = [HEADINGS, ("---",) * len(HEADINGS)]
    lines += [_cells(row, members) for row, members in safety_of(load_safety(), load())]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def with_table(text: str) -> str:
    """The page with the table rewritten. Raises PageError when the lines around it are missing."""
    head, opened, rest = text.partition(BEGIN)
    old, closed, tail = rest.partition(END)
    if not opened or not closed or "<!--" in old:
        raise PageError(f"no lines {BEGIN.strip()!r} and, below it, {END.strip()!r}; put them around the table")
    return f"{head}{BEGIN}\n{table()}\n{END}{tail}"


def main() -> int:
    """Rewrite the page; the exit status."""
    try:
        text = with_table(PAGE.read_text(encoding="utf-8"))
    except (PageError, SymverPinError) as error:
        print(f"safety_table.py: {PAGE.name}: {error}", file=sys.stderr)
        return 2
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
