"""A dynamic string table that grows: the old strings keep their offsets, new ones follow."""

from __future__ import annotations

from symver_pin.elf.dynamic_section import Strings


class GrowingStrings:
    """The bytes of a DT_STRTAB under construction."""

    def __init__(self, old: Strings) -> None:
        """``old`` is the table of the file, whose last byte is zero."""
        self.data = bytearray(old.data[old.start : old.start + old.size])
        self._known: dict[str, int] = {}

    def offset(self, text: str) -> int:
        """The offset of a string, which is added if the table does not have it."""
        if text not in self._known:
            raw = text.encode("utf-8", "surrogateescape") + b"\0"
            found = self.data.find(b"\0" + raw)
            if found < 0:
                self._known[text] = len(self.data)
                self.data += raw
            else:
                self._known[text] = found + 1
        return self._known[text]
