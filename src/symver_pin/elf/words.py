"""Bytes of a table as integers, in bulk."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from symver_pin.elf.image import Image

_NATIVE = "<" if sys.byteorder == "little" else ">"


def words(raw: bytes | memoryview, code: Literal["H", "I", "Q"], image: Image) -> memoryview[int]:
    """Bytes as integers (struct code H, I or Q) of the file's byte order; ``raw`` must be whole words long."""
    if image.order == _NATIVE:
        return memoryview(raw).cast(code)
    from array import array

    swapped = array(code, bytes(raw))
    swapped.byteswap()
    return memoryview(swapped)
