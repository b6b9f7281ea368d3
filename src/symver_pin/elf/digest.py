"""The digest by which a report names the content that it is about."""

from __future__ import annotations

import hashlib
import mmap

from symver_pin.elf.image import Image

_CHUNK = 1 << 22
"""Bytes that are hashed at once; a multiple of the page."""


def sha256_of(image: Image) -> str:
    """The SHA-256 of a whole file, in hexadecimal. Pages of a mapping are given back at once, so memory stays small."""
    digest = hashlib.sha256()
    data = image.data
    for start in range(0, image.size, _CHUNK):
        digest.update(data[start : start + _CHUNK])
        if isinstance(data, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            data.madvise(mmap.MADV_DONTNEED, start, min(_CHUNK, image.size - start))
    return digest.hexdigest()
