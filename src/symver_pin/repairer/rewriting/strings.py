"""A dynamic string table that grows: the old strings keep their offsets, new ones follow."""

from __future__ import annotations

from symver_pin.elf.dynamic_section import Strings


class GrowingStrings:
    """The bytes of a DT_STRTAB under construction."""

    def __init__(self, old: Strings) -> None:
        """``old`` is the table of the file, whose last byte is zero."""
        self.data = bytearray(old.data[old.start : old.start + old.size])
        self._known: dict[bytes, int] = {}
        at = 0
        for text in self.data.split(b"\0"):
            self._known.setdefault(bytes(text), at)
            at += len(text) + 1

    def offset(self, text: str) -> int:
        """The offset of a string, which is added if the table does not have it."""
        raw = text.encode("utf-8", "surrogateescape")
        if raw not in self._known:
            self._known[raw] = len(self.data)
            self.data += raw + b"\0"
        return self._known[raw]
