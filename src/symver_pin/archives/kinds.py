"""Tells the kind of an archive, and of a compressed stream, by the first bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Kind = Literal["deb", "static", "rpm", "zip", "tar", "packed tar", ""]

HEAD = 265
"""The number of bytes at the beginning of a file that ``kind_of`` needs: the magic number of a tar is at offset 257."""

_AR, _THIN_AR = b"!<arch>\n", b"!<thin>\n"
_COMPRESSION_MAGICS = {
    "gz": b"\x1f\x8b",
    "xz": b"\xfd7zXZ\0",
    "bz2": b"BZh",
    "zst": b"\x28\xb5\x2f\xfd",
    "lzma": b"\x5d\0\0",
}
_ALL_COMPRESSION_MAGICS = tuple(_COMPRESSION_MAGICS.values())


def kind_of(head: bytes) -> Kind:
    """Returns the kind of the archive that begins with the bytes ``head``, or ``""`` when it is no archive.

    ``head`` has the first ``HEAD`` bytes of the file. The answer ``packed tar`` means a compressed file: whether its
    content is a tar, only unpacking tells.
    """
    if head.startswith((_AR, _THIN_AR)):
        return "deb" if head[8:21] == b"debian-binary" else "static"
    if head.startswith(b"\xed\xab\xee\xdb"):
        return "rpm"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):  # the second begins an archive without members
        return "zip"
    if head[257:262] == b"ustar":
        return "tar"
    return "packed tar" if head.startswith(_ALL_COMPRESSION_MAGICS) else ""


def compression_of(head: bytes) -> str:
    """Returns the compression of a stream that begins with ``head``: a key of ``_COMPRESSION_MAGICS``, or ``""``."""
    return next((name for name, magic in _COMPRESSION_MAGICS.items() if head.startswith(magic)), "")


def read_kind(path: Path) -> Kind:
    """Returns the kind of a file. Raises OSError when it cannot be read."""
    with path.open("rb") as stream:
        return kind_of(stream.read(HEAD))
