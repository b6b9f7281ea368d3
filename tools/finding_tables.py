#!/usr/bin/env python3
"""Write the tables of findings in docs/verify.md from `symver_pin.findings.KINDS`.

    python tools/finding_tables.py              # rewrites the tables
    python tools/finding_tables.py --check      # exit status 1 when the page differs; writes nothing

A table stands between two lines, `<!-- findings: fails -->` and `<!-- end -->`; the page has such a pair of lines for
each severity (`fails`, `violates`, `note`, `unjudged`). A table has one row for each kind of that severity, in the
order of KINDS: its name and its explanation. The exit status is 2 when the page lacks a pair of lines.

Needs the package on its path: run it with the Python of `.venv`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import get_args

from symver_pin.findings import KINDS, Severity, of_severity

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "verify.md"
COMMAND = ".venv/bin/python tools/finding_tables.py"
"""The command that brings the page up to date; messages name it."""

END = "<!-- end -->"
HEADINGS: dict[Severity, tuple[str, str]] = {
    "fails": ("finding", "what happens on the target"),
    "violates": ("finding", "meaning"),
    "note": ("note", "meaning"),
    "unjudged": ("finding", "meaning"),
}
"""The first row of each table."""


class PageError(Exception):
    """The page has no place for a table; the text is the reason, one line."""


def begin(severity: Severity) -> str:
    """The line before the table of one severity."""
    return f"<!-- findings: {severity} -->"


def table(severity: Severity) -> str:
    """The table of one severity in Markdown, with its final newline."""
    left, right = HEADINGS[severity]
    rows = "".join(f"| `{kind}` | {_cell(KINDS[kind].explanation)} |\n" for kind in of_severity(severity))
    return f"| {left} | {right} |\n|---|---|\n{rows}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def with_tables(text: str) -> str:
    """The page with every table rewritten. Raises PageError when the lines around one are missing."""
    for severity in get_args(Severity):
        head, opened, rest = text.partition(f"{begin(severity)}\n")
        old, closed, tail = rest.partition(f"{END}\n")
        if not opened or not closed or "<!--" in old:
            raise PageError(f"no lines {begin(severity)!r} and, below it, {END!r}; put them around a table")
        text = f"{head}{opened}\n{table(severity)}\n{closed}{tail}"
    return text


def main(words: list[str] | None = None) -> int:
    """Rewrite or check the page; returns the exit status."""
    parser = argparse.ArgumentParser(description="Write the tables of findings in docs/verify.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page differs")
    check = parser.parse_args(words).check
    page = PAGE.relative_to(ROOT)
    old = PAGE.read_text(encoding="utf-8")
    try:
        new = with_tables(old)
    except PageError as error:
        print(f"finding_tables.py: {page}: {error}", file=sys.stderr)
        return 2
    if new == old:
        return 0
    if check:
        print(f"finding_tables.py: {page} differs from symver_pin.findings.KINDS; run {COMMAND}", file=sys.stderr)
        return 1
    PAGE.write_text(new, encoding="utf-8")
    print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
