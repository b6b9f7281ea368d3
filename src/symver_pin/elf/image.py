"""The outside of an ELF file: its header, its program headers, and bounds-checked reads of its bytes.

Everything that the loader uses is reached through program headers; section headers may be stripped. The file is
mapped, not read: a 400 MB file costs the pages that are looked at. Every read goes through ``Image.take`` or
``Image.unpack``, which turn an offset beyond the end into an ElfError that names the field, so hostile offsets and
counts cannot raise anything else.
"""

import mmap
import os
import stat
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from symver_pin.elf.arch import ARCHES, Arch
from symver_pin.errors import ElfError

PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_NOTE, PT_TLS = 1, 2, 3, 4, 7
ET_EXEC, ET_DYN = 2, 3
_ELFCLASS32, _ELFCLASS64 = 1, 2
_PN_XNUM = 0xFFFF
#: Real files have a dozen program headers; a count beyond this is a broken or hostile header.
_MAX_SEGMENTS = 4096


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

    def __init__(self, data: "bytes | mmap.mmap | memoryview", name: str) -> None:
        self.data = memoryview(data)
        self.name = name
        head = bytes(self.data[:64])
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
        (self.type, self.machine, _version, self.entry, phoff, self.section_offset, self.flags, _ehsize,
         phentsize, phnum, self.section_entry_size, self.section_count, _shstrndx) = struct.unpack_from(
            layout, head, 16)  # fmt: skip
        if phnum == _PN_XNUM or phnum > _MAX_SEGMENTS:
            raise ElfError(f"{name}: implausible count of program headers ({phnum}) at offset 0x38")
        self.segments = tuple(self._segments(phoff, phentsize, phnum))

    def _segments(self, offset: int, entry: int, count: int) -> Iterator[Segment]:
        layout = struct.Struct(self.order + ("IIIIIIII" if self.bits == 32 else "IIQQQQQQ"))
        if count and entry != layout.size:
            raise ElfError(f"{self.name}: program header entries of {entry} bytes, expected {layout.size}")
        for fields in layout.iter_unpack(self.take(offset, count * layout.size, "program headers")):
            if self.bits == 32:
                kind, off, vaddr, _paddr, filesz, memsz, flags, align = fields
            else:
                kind, flags, off, vaddr, _paddr, filesz, memsz, align = fields
            yield Segment(kind, flags, off, vaddr, filesz, memsz, align)

    @property
    def arch(self) -> Arch | None:
        """The architecture, by machine, class and byte order; None for one that has no row."""
        for arch in ARCHES.values():
            if (arch.machine, arch.bits, arch.byte_order) == (self.machine, self.bits, self.order):
                return arch
        return None

    def take(self, offset: int, size: int, what: str) -> memoryview:
        """``size`` bytes at file ``offset``. Raises ElfError, naming ``what``, when the file does not have them."""
        if offset < 0 or size < 0 or offset + size > len(self.data):
            raise ElfError(
                f"{self.name}: {what} at offset {offset:#x} ({size} bytes) beyond the end of the file "
                f"({len(self.data)} bytes): truncated or broken; build or copy it again"
            )
        return self.data[offset : offset + size]

    def unpack(self, layout: str, offset: int, what: str) -> tuple[int, ...]:
        """Unpack one struct in the file's byte order."""
        form = self.order + layout
        return struct.unpack(form, self.take(offset, struct.calcsize(form), what))

    def offset_of(self, vaddr: int, what: str) -> int:
        """The file offset of a virtual address, through PT_LOAD. Raises ElfError when no segment's file part has it."""
        for segment in self.segments:
            if segment.type == PT_LOAD and segment.vaddr <= vaddr < segment.vaddr + segment.file_size:
                return segment.offset + vaddr - segment.vaddr
        raise ElfError(
            f"{self.name}: {what} at address {vaddr:#x} is in no loaded segment: broken; build or copy it again"
        )

    def first(self, kind: int) -> Segment | None:
        """The first program header of a type, or None."""
        return next((segment for segment in self.segments if segment.type == kind), None)

    @property
    def interpreter(self) -> str | None:
        """PT_INTERP's path, or None."""
        segment = self.first(PT_INTERP)
        if segment is None:
            return None
        raw = bytes(self.take(segment.offset, segment.file_size, "PT_INTERP"))
        return raw.split(b"\0", 1)[0].decode("utf-8", "replace")


class Content(NamedTuple):
    """A file that is at hand as bytes: a member of an archive, a download."""

    name: str
    """What errors and verdicts call it. Read as a path, it says where the file lies among its like: the library that
    ``pkg.whl/a/x.so`` looks for in ``$ORIGIN/../libs`` is the content named ``pkg.whl/libs/...``.
    """
    data: bytes | memoryview


#: What a file to read can be given as.
Source = Path | str | Content


def open_image(source: Source) -> Image:
    """The image of a path (mapped) or of bytes at hand. Raises ElfError as ``load_image`` does."""
    if isinstance(source, Content):
        return Image(source.data, source.name)
    return load_image(source)


def load_image(path: Path | str) -> Image:
    """Map a file and read its headers; the mapping lives as long as the Image or a view of its bytes does.

    Raises ElfError for what is not a readable, regular ELF file, with what to do about it in the text.
    """
    try:
        # A FIFO would block the open and a device may act on it, so the kind is asked first (and again of what was
        # opened, since a path can change in between).
        _check_regular(os.stat(path), path)  # noqa: PTH116
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            _check_regular(os.fstat(handle), path)
            mapped = mmap.mmap(handle, 0, access=mmap.ACCESS_READ)
        finally:
            os.close(handle)
    except OSError as error:
        raise ElfError(f"{path}: cannot be read: {error.strerror}; check the path and who may read it") from error
    return Image(mapped, str(path))


def _check_regular(status: os.stat_result, path: Path | str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise ElfError(f"{path}: is a directory; name the files in it")
    if not stat.S_ISREG(status.st_mode):
        raise ElfError(f"{path}: not a regular file; name a program or a shared library")
    if status.st_size == 0:
        raise ElfError(f"{path}: empty file; name a program or a shared library")
