"""The table by which unwinders find the unwind information of a function: ``.eh_frame_hdr``, PT_GNU_EH_FRAME.

Four bytes of encodings, the address of ``.eh_frame``, the number of entries, and for each function its address and that
of its entry in ``.eh_frame``, sorted (LSB, "Exception Frames"). All linkers write addresses as distances of 32 bits.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from symver_pin.elf.constants import PT_GNU_EH_FRAME
from symver_pin.elf.image import Image
from symver_pin.errors import RepairError

_ENCODINGS = b"\x01\x1b\x03\x3b"
"""Version 1; pcrel sdata4, udata4, datarel sdata4 (DW_EH_PE)."""


class Frames(NamedTuple):
    """The content of the table."""

    section: int
    """The address of ``.eh_frame``."""
    entries: Sequence[tuple[int, int]]
    """(address of a function, address of its entry)."""


def read_frames(image: Image) -> Frames | None:
    """The table of a file; None if it has none. Raises RepairError for encodings that no known linker writes."""
    segment = image.first(PT_GNU_EH_FRAME)
    if segment is None:
        return None
    raw = bytes(image.take(segment.offset, segment.file_size, "PT_GNU_EH_FRAME"))
    if raw[:4] != _ENCODINGS or len(raw) < 12:
        raise RepairError(f"{image.name}: its table of unwind information is of another form than linkers write")
    section, count = struct.unpack_from(f"{image.order}iI", raw, 4)
    entries = struct.iter_unpack(f"{image.order}ii", raw[12 : 12 + 8 * min(count, (len(raw) - 12) // 8)])
    at = segment.vaddr
    return Frames(at + 4 + section, [(at + function, at + entry) for function, entry in entries])


def unwind_table(frames: Frames, place: int, order: str) -> bytes:
    """The bytes of the table at an address."""
    entries = sorted((function - place, entry - place) for function, entry in frames.entries)
    head = _ENCODINGS + struct.pack(f"{order}iI", frames.section - place - 4, len(entries))
    return head + b"".join(struct.pack(f"{order}ii", *entry) for entry in entries)
