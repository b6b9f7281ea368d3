"""The call frame instructions of a file: how an unwinder finds the caller of each function (``.eh_frame``).

PT_GNU_EH_FRAME leads to ``.eh_frame``, a list of records (LSB, "Exception Frames"; DWARF 5, 6.4): a CIE has the
instructions that functions share, an FDE those of one function. An unwinder reads the operands of the instructions that
it knows; one that it does not know, or knows as another, makes it end the program or look for the caller elsewhere.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from symver_pin.elf.constants import PT_GNU_EH_FRAME, PT_LOAD
from symver_pin.elf.image import Image

NEGATE_RA_STATE = 0x2D
"""DW_CFA_AARCH64_negate_ra_state: from here on the return address is signed, or no longer. Its number is that of
DW_CFA_GNU_window_save, as which unwinders before GCC 7 read it: registers saved where none are."""

_POINTER_TO_FRAMES = b"\x01\x1b"
"""The first bytes of PT_GNU_EH_FRAME as all linkers write it: version 1, the address of ``.eh_frame`` as a distance of
32 bits."""

_LEB, _BLOCK = -1, -2
"""Operands: a number of seven bits a byte; such a number and as many bytes."""
_ADDRESS = 0
_OPERANDS: dict[int, tuple[int, ...]] = {
    0x01: (_ADDRESS,),  # set_loc
    0x02: (1,), 0x03: (2,), 0x04: (4,),  # advance_loc
    0x05: (_LEB, _LEB), 0x06: (_LEB,), 0x07: (_LEB,), 0x08: (_LEB,), 0x09: (_LEB, _LEB),
    0x0C: (_LEB, _LEB), 0x0D: (_LEB,), 0x0E: (_LEB,), 0x0F: (_BLOCK,), 0x10: (_LEB, _BLOCK),
    0x11: (_LEB, _LEB), 0x12: (_LEB, _LEB), 0x13: (_LEB,), 0x14: (_LEB, _LEB), 0x15: (_LEB, _LEB), 0x16: (_LEB, _BLOCK),
    0x1D: (8,),  # MIPS_advance_loc8
    0x2E: (_LEB,), 0x2F: (_LEB, _LEB),  # GNU_args_size, GNU_negative_offset_extended
}  # fmt: skip
"""Instruction -> its operands, in bytes or as above; those without operands are not in it."""
_OFFSET = 0x80
"""An instruction of 0x80 to 0xBF, with the register in its lower bits, has a number as operand."""

_RELATIVE = 0x10
"""The part of an encoding of addresses (DW_EH_PE) of one that is a distance from its own place."""
_SIZES = {0x0: 8, 0x2: 2, 0x3: 4, 0x4: 8, 0xA: 2, 0xB: 4, 0xC: 8}
"""The lower half of an encoding of addresses -> the bytes of one; 0x0 is that of a 64-bit file."""


class _Cie(NamedTuple):
    """What the FDEs of a CIE need of it."""

    encoding: int
    """How they write the address of their function (DW_EH_PE)."""
    has_augmentation: bool
    start: int
    """Where its own instructions begin in the record."""

    @property
    def address_size(self) -> int:
        """The bytes of an address."""
        return _SIZES[self.encoding & 0xF]


def functions_with(image: Image, wanted: int) -> Iterator[int]:
    """The addresses of the functions in whose unwind information a call frame instruction without operands occurs.

    A file without such information has none; broken information ends the list, as an unwinder would get no further.
    """
    section, content = _frames(image)
    cies: dict[int, _Cie] = {}
    at = 0
    while at + 8 <= len(content):
        size, pointer = struct.unpack_from(f"{image.order}II", content, at)
        if size == 0 or at + 4 + size > len(content):
            break  # the end; or a record of 64 bits, which no compiler writes
        record = content[at + 8 : at + 4 + size]
        try:
            if pointer == 0:
                cies[at] = _read_cie(record)
            else:
                cie = cies[at + 4 - pointer]
                start = 2 * cie.address_size
                if cie.has_augmentation:
                    start = _after_leb(record, start) + _leb(record, start)
                if _occurs(record, start, wanted, cie.address_size):
                    yield _function(record, section + at + 8, cie, image.order)
        except (IndexError, KeyError, ValueError, struct.error):
            break
        at += 4 + size


def _frames(image: Image) -> tuple[int, bytes]:
    """The address of ``.eh_frame``, and the bytes from there to the end of its segment."""
    header = image.first(PT_GNU_EH_FRAME)
    if header is None or header.file_size < 8:
        return 0, b""
    raw = image.take(header.offset, 8, "PT_GNU_EH_FRAME")
    if raw[:2] != _POINTER_TO_FRAMES:
        return 0, b""
    place: int = header.vaddr + 4 + struct.unpack_from(f"{image.order}i", raw, 4)[0]
    for segment in image.segments:
        if segment.type == PT_LOAD and segment.vaddr <= place < segment.vaddr + segment.file_size:
            offset = segment.offset + place - segment.vaddr
            return place, image.take(offset, min(segment.offset + segment.file_size, image.size) - offset, ".eh_frame")
    return 0, b""


def _read_cie(record: bytes) -> _Cie:
    end = record.index(b"\0", 1)
    augmentation = record[1:end].decode("latin-1")
    at = end + 1
    for _ in range(3):  # alignment of code and data, the register of the return address
        at = _after_leb(record, at)
    if not augmentation.startswith("z"):
        return _Cie(0, False, at)
    start = _after_leb(record, at) + _leb(record, at)
    at, encoding = _after_leb(record, at), 0
    for letter in augmentation[1:]:
        if letter == "R":
            encoding = record[at]
        if letter in "RL":
            at += 1
        elif letter == "P":
            at += 1 + _SIZES[record[at] & 0xF]
    return _Cie(encoding, True, start)


def _function(record: bytes, place: int, cie: _Cie, order: str) -> int:
    """The address of an FDE's function; ``place`` is where the record has it."""
    form = {2: "h", 4: "i", 8: "q"}[cie.address_size]
    value: int = struct.unpack_from(f"{order}{form}", record)[0]
    return value + place if cie.encoding & 0x70 == _RELATIVE else value


def _occurs(record: bytes, at: int, wanted: int, address_size: int) -> bool:
    while at < len(record):
        instruction = record[at]
        at += 1
        if instruction == wanted:
            return True
        if instruction >= 0x40:
            if instruction & 0xC0 == _OFFSET:
                at = _after_leb(record, at)
            continue
        for operand in _OPERANDS.get(instruction, ()):
            if operand == _LEB:
                at = _after_leb(record, at)
            elif operand == _BLOCK:
                at = _after_leb(record, at) + _leb(record, at)
            else:
                at += operand or address_size
    return False


def _after_leb(record: bytes, at: int) -> int:
    while record[at] & 0x80:
        at += 1
    return at + 1


def _leb(record: bytes, at: int) -> int:
    """An unsigned number at a place."""
    value = shift = 0
    while True:
        byte = record[at]
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value
        at, shift = at + 1, shift + 7
