"""The source lines that addresses came from, as a file's own DWARF has it (``-g``); pyelftools reads it.

A file is no worse for debug information that is missing, split off or broken: that tells nothing.
"""

from __future__ import annotations

import io
import mmap
import os
from bisect import bisect_right
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from symver_pin.elf.image import Image

_MOST, _MOST_UNITS = 1 << 28, 100_000
"""More debug information than this, unpacked, is not read; of more compilation units than this, only the first."""


class DebugInfo:
    """Source files and lines by address."""

    def __init__(self, image: Image) -> None:
        self._dwarf: Any = None
        self._lines: dict[int, list[tuple[int, str | None, int]]] = {}
        """By the offset of a compilation unit, its rows: address, file (None after the last one), line."""
        self._ranges: list[tuple[int, int, Any]] | None = None
        from elftools.elf.elffile import ELFFile  # 50 ms, and most runs need no source lines

        try:
            data = image.data
            elf = ELFFile(data if isinstance(data, mmap.mmap) else io.BytesIO(data))
            sections = [section for section in elf.iter_sections() if section.name.startswith((".debug", ".zdebug"))]
            if sections and sum(section.data_size for section in sections) < _MOST:
                self._dwarf = elf.get_dwarf_info()
        except Exception:  # what pyelftools raises for broken files is not listed anywhere
            return

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self._dwarf is not None

    def at(self, address: int) -> tuple[str, int] | None:
        """Source file and line of the code at an address."""
        if self._dwarf is None:
            return None
        try:
            unit = self._unit(address)
            if unit is None:
                return None
            if unit.cu_offset not in self._lines:
                self._lines[unit.cu_offset] = self._rows(unit)
            rows = self._lines[unit.cu_offset]
        except Exception:
            return None
        position = bisect_right(rows, address, key=lambda row: row[0]) - 1
        if position < 0:
            return None
        _start, file, line = rows[position]
        return None if file is None else (file, line)

    def _unit(self, address: int) -> Any:
        """The compilation unit that an address is in, None when there is none."""
        if self._ranges is None:
            self._ranges = sorted(
                [
                    (start, end, unit)
                    for unit in islice(self._dwarf.iter_CUs(), _MOST_UNITS)
                    for start, end in self._ranges_of(unit)
                ],
                key=lambda row: row[:2],
            )
        position = bisect_right(self._ranges, address, key=lambda row: row[0]) - 1
        if position < 0:
            return None
        _start, end, unit = self._ranges[position]
        return unit if address < end else None

    def _ranges_of(self, unit: Any) -> list[tuple[int, int]]:
        """The address ranges of a unit's code; not every compiler writes .debug_aranges, which has them too."""
        top = unit.get_top_DIE().attributes
        low = top["DW_AT_low_pc"].value if "DW_AT_low_pc" in top else 0
        if "DW_AT_high_pc" in top:
            high = top["DW_AT_high_pc"]
            return [(low, high.value if high.form == "DW_FORM_addr" else low + high.value)]
        if "DW_AT_ranges" not in top:
            return []
        lists, found, base = self._dwarf.range_lists(), [], low
        for entry in lists.get_range_list_at_offset(top["DW_AT_ranges"].value, unit):
            if hasattr(entry, "base_address"):
                base = entry.base_address
            elif getattr(entry, "is_absolute", False):
                found.append((entry.begin_offset, entry.end_offset))
            else:
                found.append((base + entry.begin_offset, base + entry.end_offset))
        return found

    def _rows(self, unit: Any) -> list[tuple[int, str | None, int]]:
        program = self._dwarf.line_program_for_CU(unit)
        if program is None:
            return []
        folder = unit.get_top_DIE().attributes.get("DW_AT_comp_dir")
        home = _text(folder.value) if folder is not None else ""
        header, names = program.header, {}
        for number, entry in enumerate(header.file_entry, 0 if header.version >= 5 else 1):
            names[number] = _path(_text(entry.name), entry.dir_index, header, home)
        rows: list[tuple[int, str | None, int]] = []
        for entry in program.get_entries():
            state = entry.state
            if state is not None:
                rows.append((state.address, None if state.end_sequence else names.get(state.file), state.line))
        # Where one stretch of code ends and the next begins, the beginning counts.
        return sorted(rows, key=lambda row: (row[0], row[1] is not None))


def _path(name: str, folder: int, header: Any, home: str) -> str:
    """A source file as its compiler was called with it: below the folder of the compilation without that folder."""
    folders = [_text(entry) for entry in header.include_directory]
    index = folder if header.version >= 5 else folder - 1
    path = PurePosixPath(home, folders[index] if 0 <= index < len(folders) else "", name)
    return os.path.relpath(path, home) if home and path.is_relative_to(home) else str(path)


def _text(raw: bytes | str) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
