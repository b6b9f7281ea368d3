"""Colour, tables and progress: what looks different on a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import TextIO

from symver_pin.loader.verdict import printable

_PATIENCE, _INTERVAL = 0.5, 0.1
"""Seconds before the bar is shown (short runs have none), and between two drawings of it."""


def is_colored(stream: TextIO) -> bool:
    """True if text is to be coloured: on a terminal that can, unless ``NO_COLOR`` is set (to anything but nothing)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@contextmanager
def progress_bar(title: str, patience: float = _PATIENCE) -> Iterator[Callable[[int, int, str], None] | None]:
    """A progress bar on stderr: a function that is called with the number of finished items, the number of all, and the
    name of one. None when stderr is not a terminal. It appears at the first call after ``patience`` seconds, and is
    erased at the end.
    """
    if not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(title, patience)
    try:
        yield bar.update
    finally:
        bar.close()


class _Bar:
    """A bar of rich, imported and drawn when the work turns out to be long.

    It is drawn by this thread only, since the verifier forks: a forked process must not have a second thread.
    """

    def __init__(self, title: str, patience: float) -> None:
        self._title = title
        self._next = time.monotonic() + patience
        self._redraw: Callable[[int, int, str], None] | None = None
        self._close: Callable[[], None] = lambda: None

    def update(self, done: int, total: int, name: str) -> None:
        """Draw the bar; ``total`` is 0 while items are counted."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _INTERVAL
        if self._redraw is None:
            self._start()
        if self._redraw is not None:
            self._redraw(done, total, name)

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[item]}", markup=False),
        )
        progress = Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)
        task = progress.add_task(self._title, total=None, item="")
        progress.start()
        self._close = progress.stop

        def redraw(done: int, total: int, name: str) -> None:
            progress.update(task, completed=done, total=total or None, item=printable(name), refresh=True)

        self._redraw = redraw

    def close(self) -> None:
        """Erase the bar."""
        self._close()


def aligned(rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> list[str]:
    """One line for each row, in columns two blanks apart; ``numbers`` are the columns to align at the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = (
            f"{cell:>{width}}" if number in numbers else f"{cell:<{width}}"
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
    return lines


def table_text(
    titles: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = (), stream: TextIO | None = None
) -> str:
    """A table for a stream (standard output by default), each line with its newline.

    On a terminal rich draws it, as wide as the terminal; elsewhere the columns are aligned, one line for each row, for
    ``grep`` and ``cut``.
    """
    stream = stream or sys.stdout
    if not stream.isatty():
        return "".join(f"{line}\n" for line in aligned([titles, *rows], numbers))
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for number, title in enumerate(titles):
        table.add_column(title, justify="right" if number in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    drawn = StringIO()
    console = Console(file=drawn, force_terminal=True, width=Console(file=stream).width)
    console.print(table)
    return drawn.getvalue()
