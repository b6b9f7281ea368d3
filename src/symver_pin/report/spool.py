"""The body of a report while verdicts are made: in memory, and when it is large in a temporary file without a name."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO

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
