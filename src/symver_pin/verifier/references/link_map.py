"""The map that a linker wrote (``-Wl,-Map=FILE``): which object or archive member an address of its output came from.

GNU ld, gold, lld and mold each have a form of their own. Of the lines only two kinds count::

     .text          0x0000000000001149       0x22 main.o                 GNU ld, gold: section, address, size, file
                1149     1149       22     1         main.o:(.text)      lld: address, load address, size, alignment
              0x1149               34     1         main.o:(.text)      mold: no load address, size decimal

A section name that is too long stands on a line before. What a linker makes itself (tables, stubs) it books to any file
or to ``<internal>``, and what is not loaded lies at address 0: both are left out.

With ``-Wl,--cref`` (not mold) the map ends in a table of every symbol with the files that define or use it. It tells
for every architecture, and without looking at code.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterable
from pathlib import Path

from symver_pin.errors import UsageError

_GNU = re.compile(r"\s+(?:(\S+)\s+)?0x([0-9a-f]+)\s+0x([0-9a-f]+)(?: (\S.*))?$")
_GNU_OUTPUT = re.compile(r"\S+\s+0x([0-9a-f]+)\s+0x[0-9a-f]+")
_NAME_ALONE = re.compile(r"\s?(\S+)$")
_LLD = re.compile(r"\s*([0-9a-f]+)\s+[0-9a-f]+\s+([0-9a-f]+)\s+\d+ {9}(\S.*):\((\S+?)(?:\+0x[0-9a-f]+)?\)$")
_MOLD = re.compile(r"\s*0x([0-9a-f]+)\s+(\d+)\s+\d+ {9}(\S.*):\((\S+)\)$")
_OUTPUT_COLUMNS = re.compile(r"\s*(?:0x)?([0-9a-f]+)\s.*\s\d+ \S+$")
_HEADERS = {
    "Linker script and memory map": "gnu",
    "Memory map": "gnu",
    "             VMA              LMA     Size Align Out     In      Symbol": "lld",
    "               VMA       Size Align Out     In      Symbol": "mold",
}
_CROSS_REFERENCE = "Cross Reference Table"
_LONGEST = 1 << 14
"""Two paths and the rest of a line are no longer."""
_MADE = (".got", ".plt", ".iplt", ".rel", ".dyn", ".gnu.", ".hash", ".interp", ".eh_frame", ".note", ".igot", "*fill*")
"""Sections that linkers make."""
_SHARED = re.compile(r"\.so(\.[0-9.]+)?$")


class LinkMap:
    """What a map tells."""

    def __init__(self, ranges: Iterable[tuple[int, int, str]], references: dict[str, list[str]]) -> None:
        """``ranges`` are address, size and file of each input section; ``references`` the files of each symbol."""
        self._ranges = sorted(ranges)
        self._starts = [start for start, _size, _file in self._ranges]
        self._references = references

    def at(self, address: int) -> str | None:
        """The object or archive member that an address came from."""
        position = bisect_right(self._starts, address) - 1
        if position < 0:
            return None
        start, size, file = self._ranges[position]
        return file if address < start + size else None

    def users(self, symbol: str) -> tuple[str, ...]:
        """The objects and archive members that use a symbol of a shared library; empty without the table of symbols."""
        files = {os.path.normpath(file) for file in self._references.get(symbol, ()) if not _SHARED.search(file)}
        return tuple(sorted(files))


def read_link_map(path: str) -> LinkMap:
    """Read a map. Raises UsageError when it cannot be read or is none."""
    try:
        with Path(path).open(encoding="utf-8", errors="surrogateescape") as stream:
            lines = [line.rstrip("\n") for line in stream if len(line) < _LONGEST]
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}; check the path and who may read it") from error
    kind = next((_HEADERS[line] for line in lines if line in _HEADERS), None)
    if kind is None:
        raise UsageError(f"{path}: not a linker's map; have one written by adding -Wl,-Map=FILE,--cref to the link")
    end = lines.index(_CROSS_REFERENCE) if _CROSS_REFERENCE in lines else len(lines)
    found = _gnu_ranges(lines[:end]) if kind == "gnu" else _column_ranges(lines[:end], kind)
    ranges = [
        (start, size, os.path.normpath(file))
        for start, size, file, section in found
        if start and size and not section.startswith(_MADE) and not file.startswith("<")
    ]
    return LinkMap(ranges, _references(lines[end + 1 :]))


def _gnu_ranges(lines: list[str]) -> Iterable[tuple[int, int, str, str]]:
    """Address, size, file and section of each input section that is loaded."""
    section, is_loaded = "", False
    started = next(number for number, line in enumerate(lines) if line in _HEADERS)
    for line in lines[started:]:
        alone = _NAME_ALONE.match(line)
        if alone is not None:
            section = alone[1]
            continue
        if line[:1].strip():
            output = _GNU_OUTPUT.match(line)
            is_loaded = output is not None and int(output[1], 16) != 0
            continue
        row = _GNU.match(line)
        if row is None:
            continue
        name, start, size, file = row.groups()
        if file is None:  # an output section whose name stood on the line before
            is_loaded = int(start, 16) != 0
        elif is_loaded:
            yield int(start, 16), int(size, 16), file, name or section


def _column_ranges(lines: list[str], kind: str) -> Iterable[tuple[int, int, str, str]]:
    """The same of lld and mold."""
    pattern, base = (_LLD, 16) if kind == "lld" else (_MOLD, 10)
    is_loaded = False
    for line in lines:
        row = pattern.match(line)
        if row is not None:
            if is_loaded:
                yield int(row[1], 16), int(row[2], base), row[3], row[4]
            continue
        output = _OUTPUT_COLUMNS.match(line)
        if output is not None:
            is_loaded = int(output[1], 16) != 0


def _references(lines: list[str]) -> dict[str, list[str]]:
    """The table of symbols: a name and a file, then more files below the first one."""
    found: dict[str, list[str]] = {}
    files: list[str] = []
    for line in lines:
        if line[:1].strip():
            name, _, file = line.partition(" ")
            files = found.setdefault(name.partition("@")[0], [])
            if file.strip():
                files.append(file.strip())
        elif line.strip():
            files.append(line.strip())
    return found
