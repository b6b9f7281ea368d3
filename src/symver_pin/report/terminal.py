"""What depends on whether a person watches: colour, and a progress bar on the error stream."""

from __future__ import annotations

import os
import sys
import time

from symver_pin.verify.model import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

#: Nothing is shown before so many seconds, and then no more often than so.
_PATIENCE, _INTERVAL = 0.5, 0.1
_WIDTH = 24
#: Columns of a terminal that does not say how many it has.
_COLUMNS = 80


def is_colored(stream: TextIO) -> bool:
    """Whether to write in colour: to a terminal that can, unless ``NO_COLOR`` is set (to anything but nothing)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Bar:
    """A progress bar; silent where the error stream is no terminal, and on short scans."""

    def __init__(self) -> None:
        self._stream: TextIO | None = sys.stderr if sys.stderr.isatty() else None
        self._next = time.monotonic() + _PATIENCE
        self._shown = False

    def __call__(self, done: int, total: int, name: str) -> None:
        """``done`` of ``total`` inputs are judged, this file is being; 0 of 0 while folders are looked through."""
        if self._stream is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _INTERVAL
        self._shown = True
        filled = _WIDTH * done // max(total, 1)
        state = f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{total}" if total else "looking for programs in"
        line = f"{state} {printable(name)}"
        self._stream.write(f"\r\x1b[K{line[: self._columns() - 1]}")
        self._stream.flush()

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(sys.stderr.fileno()).columns or _COLUMNS
        except OSError:
            return _COLUMNS

    def close(self) -> None:
        """Wipe it away."""
        if self._stream is not None and self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
