"""The body of a report while verdicts are made: in memory, and when it is large in a temporary file without a name."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO

from symver_pin.loader.verdict import Verdict
from symver_pin.report.writer import Line

_IN_MEMORY, _PIECE = 8 << 20, 1 << 20
"""The bytes that are kept in memory, and those of the pieces in which the body is read."""


class Spool:
    """Bytes that are written once and then read once."""

    def __init__(self) -> None:
        self._stream: IO[bytes] = io.BytesIO()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Adds bytes."""
        self._stream.write(data)
        self.size += len(data)
        if self.size > _IN_MEMORY and isinstance(self._stream, io.BytesIO):
            import tempfile  # 10 ms, and most reports are small

            written = self._stream.getbuffer()
            self._stream = tempfile.TemporaryFile(prefix="symver-pin-")  # noqa: SIM115  (it lives as long as this)
            self._stream.write(written)

    def pieces(self) -> Iterator[bytes]:
        """Yields what was written."""
        self._stream.seek(0)
        while data := self._stream.read(_PIECE):
            yield data
        self._stream.close()


class Body:
    """The texts of all files. In the format ``text`` failing files come first, then fine ones, then notes."""

    def __init__(self, form: str, failures_only: bool) -> None:
        self._is_sorted = form == "text"
        self._left_out: set[Verdict] = {"ok", "skipped"} if failures_only and self._is_sorted else set()
        self._spools: dict[Verdict, Spool] = {name: Spool() for name in ("fails", "ok", "skipped")}

    def add(self, line: Line, separator: str) -> None:
        """Add the text of a file."""
        if line.verdict in self._left_out:
            return
        spool = self._spools[line.verdict if self._is_sorted and line.verdict in self._spools else "fails"]
        spool.write(encoded(separator + line.text if spool.size else line.text))

    def pieces(self) -> Iterator[bytes]:
        """All texts in order."""
        for spool in self._spools.values():
            yield from spool.pieces()


def encoded(text: str) -> bytes:
    """Text of a report in UTF-8; parts of file names that are not text become escapes."""
    return text.encode("utf-8", "backslashreplace")
