"""The outside of an ELF file: its header, its program headers, and bounds-checked reads of its bytes.

Everything that the loader uses is reached through program headers; section headers may be stripped. The file is mapped,
not read: a 400 MB file costs the pages that are looked at. Every read goes through ``Image.take`` or ``Image.unpack``,
which turn an offset beyond the end into an ElfError that names the field, so hostile offsets and counts cannot raise
anything else.
"""

from __future__ import annotations

import mmap
import os
import stat
import struct
import sys
from array import array
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from symver_pin.elf.constants import PT_INTERP, PT_LOAD
from symver_pin.errors import ElfError


class Content(NamedTuple):
    """A file that is in memory: a member of an archive, a download."""

    name: str
    """The file's name in errors and verdicts. Read as a path, it also says where the file lies: the library that
    ``pkg.whl/a/x.so`` looks for in ``$ORIGIN/../libs`` is the content named ``pkg.whl/libs/...``."""
    data: bytes | memoryview


Source = Path | str | Content


def name_of(source: Source) -> str:
    """The path or name of a file as errors and verdicts show it."""
    return source.name if isinstance(source, Content) else str(source)


_ELFCLASS32, _ELFCLASS64 = 1, 2
_PN_XNUM = 0xFFFF
_MAX_SEGMENTS = 4096
"""Real files have a dozen program headers; a count beyond this is a broken or hostile header."""
_MAX_INTERPRETER = 4096
"""A path is no longer than this on Linux (PATH_MAX)."""
_WINDOW = 1 << 20
"""So many bytes are searched for a text at a time; a multiple of the page size."""
_SMALL = 1 << 16
"""A file up to this size is read: 5 us on average, where mapping it, touching its pages and unmapping it takes 13."""


class Segment(NamedTuple):
    """One program header."""

    type: int
    flags: int
    offset: int
    vaddr: int
    file_size: int
    mem_size: int
    align: int


class Image:
    """A mapped ELF file. ``name`` is what errors call it."""

    def __init__(self, data: bytes | memoryview | mmap.mmap, name: str) -> None:
        self.data = data
        self.size = len(data)
        self.name = name
        head = bytes(data[:64])
        if head[:8] in (b"!<arch>\n", b"!<thin>\n"):
            raise ElfError(f"{name}: static archive, not a program or shared library; link it into one first")
        if head[:4] != b"\x7fELF":
            what = "not an ELF file" if head else "empty file"
            raise ElfError(f"{name}: {what}; name a program or a shared library")
        if len(head) < 52 or head[4] not in (_ELFCLASS32, _ELFCLASS64) or head[5] not in (1, 2):
            raise ElfError(f"{name}: truncated or broken ELF header; build or copy it again")
        self.bits = 32 if head[4] == _ELFCLASS32 else 64
        self.order = "<" if head[5] == 1 else ">"
        self.word = "I" if self.bits == 32 else "Q"
        if self.bits == 64 and len(head) < 64:
            raise ElfError(f"{name}: truncated ELF header; build or copy it again")
        layout = f"{self.order}HHI{self.word * 3}IHHHHHH"
        self.identity = head[6:16]
        """e_ident from EI_VERSION on."""
        (
            self.type,
            self.machine,
            self.version,
            self.entry,
            phoff,
            self.section_offset,
            self.flags,
            _ehsize,
            phentsize,
            phnum,
            self.section_entry_size,
            self.section_count,
            _shstrndx,
        ) = struct.unpack_from(layout, head, 16)
        if phnum == _PN_XNUM or phnum > _MAX_SEGMENTS:
            raise ElfError(f"{name}: implausible count of program headers ({phnum}) at offset 0x38")
        self.segments = self._segments(phoff, phentsize, phnum)
        self._loaded = [
            (vaddr, vaddr + size, offset - vaddr)
            for kind, _flags, offset, vaddr, size, _mem_size, _align in self.segments
            if kind == PT_LOAD
        ]
        """(first address, address after the last one, file offset less address) of the segments in the file."""

    def _segments(self, offset: int, entry: int, count: int) -> list[Segment]:
        narrow = self.bits == 32
        size = 32 if narrow else 56
        if count and entry != size:
            raise ElfError(f"{self.name}: program header entries of {entry} bytes, expected {size}")
        raw = self.view(offset, count * size, "program headers")
        if narrow:
            return [
                Segment(kind, flags, off, vaddr, filesz, memsz, align)
                for kind, off, vaddr, _, filesz, memsz, flags, align in struct.iter_unpack(f"{self.order}8I", raw)
            ]
        return [
            Segment(kind, flags, off, vaddr, filesz, memsz, align)
            for kind, flags, off, vaddr, _, filesz, memsz, align in struct.iter_unpack(f"{self.order}2I6Q", raw)
        ]

    def view(self, offset: int, size: int, what: str) -> memoryview:
        """``size`` bytes at file ``offset``, not copied. Raises ElfError, naming ``what``, when the file does not have
        them.
        """
        if offset < 0 or size < 0 or offset + size > self.size:
            raise ElfError(
                f"{self.name}: {what} at offset {offset:#x} ({size} bytes) beyond the end of the file "
                f"({self.size} bytes): truncated or broken; build or copy it again"
            )
        return memoryview(self.data)[offset : offset + size]

    def take(self, offset: int, size: int, what: str) -> bytes:
        """A copy of such bytes."""
        return bytes(self.view(offset, size, what))

    def unpack(self, layout: str, offset: int, what: str) -> tuple[int, ...]:
        """Unpack one struct in the file's byte order."""
        form = self.order + layout
        try:
            return struct.unpack_from(form, self.data, offset)
        except (struct.error, OverflowError):
            size = struct.calcsize(form)
        self.take(offset, size, what)
        raise ElfError(f"{self.name}: {what} at offset {offset:#x} ({size} bytes) cannot be read")

    def contains(self, text: bytes) -> bool:
        """True if the file has a text, anywhere. The pages of a mapped file leave memory again as they are searched."""
        for start in range(0, self.size, _WINDOW):
            if text in bytes(self.data[start : start + _WINDOW + len(text) - 1]):
                return True
            if isinstance(self.data, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
                self.data.madvise(mmap.MADV_DONTNEED, start, min(_WINDOW, self.size - start))
        return False

    def offset_of(self, vaddr: int, what: str) -> int:
        """The file offset of a virtual address, through PT_LOAD. Raises ElfError when no segment's file part has it."""
        for first, end, shift in self._loaded:
            if first <= vaddr < end:
                return vaddr + shift
        raise ElfError(
            f"{self.name}: {what} at address {vaddr:#x} is in no loaded segment: broken; build or copy it again"
        )

    def mapped_after(self, vaddr: int) -> int:
        """How many bytes of the file are mapped from a virtual address on; 0 outside of every segment's file part."""
        return max((end - vaddr for first, end, _shift in self._loaded if first <= vaddr < end), default=0)

    def first(self, kind: int) -> Segment | None:
        """The first program header of a type, or None."""
        for segment in self.segments:
            if segment[0] == kind:
                return segment
        return None

    @cached_property
    def interpreter(self) -> str | None:
        """PT_INTERP's path, or None."""
        segment = self.first(PT_INTERP)
        if segment is None:
            return None
        raw = self.take(segment.offset, min(segment.file_size, _MAX_INTERPRETER), "PT_INTERP")
        return raw.split(b"\0", 1)[0].decode("utf-8", "replace")


def open_image(source: Source) -> Image:
    """The image of a path (mapped) or of bytes at hand. Raises ElfError as ``load_image`` does."""
    if isinstance(source, Content):
        return Image(source.data, source.name)
    return load_image(source)


def load_image(path: Path | str) -> Image:
    """Map a file (a small one is read) and look at its headers; the mapping lives as long as the Image.

    Raises ElfError if it is not a readable, regular ELF file; the text says what to do.
    """
    name = str(path)
    try:
        # Opening a FIFO can block and opening a device can act on it, so the kind of file is checked before; and again
        # after it was opened, since the path can change in between.
        _check_regular(Path(path).stat(), name)
        handle = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            size = _check_regular(os.fstat(handle), name)
            if size <= _SMALL:
                return Image(os.read(handle, size), name)
            mapped = mmap.mmap(handle, size, access=mmap.ACCESS_READ)
        finally:
            os.close(handle)
    except OSError as error:
        raise ElfError(f"{name}: cannot be read: {error.strerror}; check the path and who may read it") from error
    except ValueError as error:  # a zero byte in the name; a file that shrank
        raise ElfError(f"{name!r}: cannot be read: {error}") from error
    return Image(mapped, name)


def _check_regular(status: os.stat_result, name: str) -> int:
    if stat.S_ISDIR(status.st_mode):
        raise ElfError(f"{name}: is a directory; name the files in it")
    if not stat.S_ISREG(status.st_mode):
        raise ElfError(f"{name}: not a regular file; name a program or a shared library")
    if status.st_size == 0:
        raise ElfError(f"{name}: empty file; name a program or a shared library")
    return status.st_size


_HOST_ORDER = "<" if sys.byteorder == "little" else ">"


def integers(raw: bytes | memoryview, code: Literal["H", "I", "Q"], order: str) -> memoryview[int]:
    """The integers in ``raw``, whose length must be a multiple of their size.

    ``code`` is their struct code (H, I or Q: 2, 4 or 8 bytes), ``order`` their byte order (``<`` or ``>``). Nothing is
    copied when that is the order of this machine.
    """
    if order == _HOST_ORDER:
        return memoryview(raw).cast(code)
    swapped = array(code, bytes(raw))
    swapped.byteswap()
    return memoryview(swapped)
