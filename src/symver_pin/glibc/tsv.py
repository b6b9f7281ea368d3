"""The lines of a table of tab-separated cells (``platforms.tsv``)."""

from __future__ import annotations

from collections.abc import Iterator


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """(line number from 1, line) of each line that is neither empty nor a comment."""
    for number, line in enumerate(text.splitlines(), 1):
        if line and not line.startswith("#"):
            yield number, line
