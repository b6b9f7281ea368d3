"""The notes that a loader reads: which processor and which kernel a file needs.

A note is a name, a type and a description (ELF gABI, "Note Section"). Two of the owner "GNU" matter here:

* NT_GNU_ABI_TAG: four words, the system (0 is Linux) and the oldest kernel release that will do. ld.so compares it with
  the running kernel ("kernel too old"; a library is passed over);
* NT_GNU_PROPERTY_TYPE_0 with GNU_PROPERTY_X86_ISA_1_NEEDED: a bit for each x86-64 level (x86-64 psABI). ld.so of 2.33
  and later refuses the file on a lesser processor; earlier ones run it until the first unknown instruction.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from symver_pin.elf.constants import PT_GNU_PROPERTY, PT_NOTE
from symver_pin.elf.image import Image

_NT_GNU_ABI_TAG, _NT_GNU_PROPERTY_TYPE_0 = 1, 5
_X86_ISA_1_NEEDED = 0xC0008002
_1_NEEDED, _INDIRECT_EXTERN_ACCESS = 0xB0008000, 1
_EM_386, _EM_X86_64 = 3, 62
_LINUX = 0
_MAX_NOTES = 1 << 16
"""Notes of real files are some hundred bytes."""


def read_notes(image: Image) -> Iterator[tuple[int, bytes]]:
    """The type and description of every note of the owner "GNU". Notes that are cut off by the end of the
    segment are skipped, as the loader does.
    """
    seen: list[tuple[int, int]] = []
    for segment in image.segments:
        offset, file_size = segment.offset, segment.file_size
        if segment[0] not in (PT_NOTE, PT_GNU_PROPERTY) or offset > image.size or (offset, file_size) in seen:
            continue
        seen.append((offset, file_size))  # PT_GNU_PROPERTY often shows a whole PT_NOTE again
        raw = image.take(offset, min(file_size, _MAX_NOTES, image.size - offset), "notes")
        align = 8 if segment.align == 8 else 4
        at = 0
        while at + 12 <= len(raw):
            name_size, size, kind = struct.unpack_from(image.order + "III", raw, at)
            name_end = at + 12 + name_size
            start = -(-name_end // align) * align
            if start + size > len(raw):
                break
            if raw[at + 12 : name_end] == b"GNU\0":
                yield kind, raw[start : start + size]
            at = -(-(start + size) // align) * align


def required_kernel_and_level(image: Image) -> tuple[tuple[int, int, int], int]:
    """The oldest Linux release that will do, (0, 0, 0) when no note names one; and the x86-64 level (2, 3, 4) that the
    file needs, 1 when no note names one or it is for another processor.
    """
    kernel, level = (0, 0, 0), 1
    for kind, text in read_notes(image):
        if kind == _NT_GNU_ABI_TAG and len(text) >= 16:
            system, *release = struct.unpack_from(image.order + "IIII", text)
            if system == _LINUX:
                kernel = (release[0], release[1], release[2])
        elif kind == _NT_GNU_PROPERTY_TYPE_0 and image.machine in (_EM_386, _EM_X86_64):
            level = max(level, _level(image, text))
    return kernel, level


def needs_indirect_access(image: Image) -> bool:
    """True if a property forbids programs to copy the file's protected variables (``-mno-direct-extern-access``)."""
    return any(
        kind == _NT_GNU_PROPERTY_TYPE_0 and _property(image, text, _1_NEEDED) & _INDIRECT_EXTERN_ACCESS
        for kind, text in read_notes(image)
    )


def _level(image: Image, text: bytes) -> int:
    """The level among the properties of one note."""
    return max(1, (_property(image, text, _X86_ISA_1_NEEDED) & 15).bit_length())


def _property(image: Image, text: bytes, kind: int) -> int:
    """The value of one property of a note; 0 without it."""
    at, word = 0, image.bits // 8
    while at + 12 <= len(text):
        what, size, value = struct.unpack_from(image.order + "III", text, at)
        if what == kind and size >= 4:
            return int(value)
        at += 8 + -(-size // word) * word
    return 0
