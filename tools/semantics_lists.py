#!/usr/bin/env python3
"""Write the lists of docs/semantics.md from `glibc_maps/semantics.tsv`.

    python tools/semantics_lists.py             # rewrites the lists

Each section of `sections` ends with its list: one item for the symbols of one change with the same reason. What stands
in the section above the first item stays. The exit status is 2 when the page lacks a section.

Needs the package on its path: run it with the Python of `.venv`.
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.semantics import ADAPTED, DIFFERENT

PAGE = Path(__file__).resolve().parents[1] / "docs" / "semantics.md"


class PageError(Exception):
    """The page has no such section; the text is the reason, one line."""


def listed(*, verdict: str, reachable: bool = True, has_node: bool = True) -> str:
    """The list in Markdown, with its final newline."""
    groups: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for archs, meaning in default_maps().semantics.rows:
        if (meaning.verdict, meaning.reachable, meaning.release is None) == (verdict, reachable, has_node):
            groups.setdefault((meaning.node, archs, meaning.text), []).append(f"`{meaning.symbol}`")
    items: list[str] = []
    for (node, archs, reason), symbols in groups.items():
        where = "" if archs == ("*",) else f" ({', '.join(archs)})"
        text = f"- **{node}**{where} {' '.join(symbols)}: {reason}"
        items += textwrap.wrap(text, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return "\n".join(items) + "\n"


def sections() -> dict[str, str]:
    """Heading of a section -> its list."""
    return {
        "Adapted": listed(verdict=ADAPTED),
        "Different": listed(verdict=DIFFERENT),
        "Changed without a new node: adapted": listed(verdict=ADAPTED, has_node=False),
        "Changed without a new node: different": listed(verdict=DIFFERENT, has_node=False),
        "Different, out of reach": listed(verdict=DIFFERENT, reachable=False),
    }


def with_lists(text: str) -> str:
    """The page with every list rewritten. Raises PageError when a section is missing."""
    for heading, items in sections().items():
        head, found, rest = text.partition(f"\n## {heading}\n")
        if not found:
            raise PageError(f"has no section {heading!r}; add it with a sentence of introduction")
        section, following, tail = rest.partition("\n## ")
        introduction = section.partition("\n- ")[0].rstrip("\n")
        text = f"{head}{found}{introduction}\n\n{items}{following}{tail}"
    return text


def main() -> int:
    """Rewrite the page; the exit status."""
    try:
        text = with_lists(PAGE.read_text(encoding="utf-8"))
    except PageError as error:
        print(f"semantics_lists.py: {PAGE}: {error}", file=sys.stderr)
        return 2
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
