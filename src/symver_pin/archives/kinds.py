"""The kind of an archive, by its first bytes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    Kind = Literal["deb", "static", "rpm", "zip", "tar", "packed tar", ""]

#: So many bytes tell the kind: a tar's magic stands at 257.
HEAD = 265

_AR, _THIN = b"!<arch>\n", b"!<thin>\n"
_COMPRESSIONS = {
    "gz": b"\x1f\x8b",
    "xz": b"\xfd7zXZ\0",
    "bz2": b"BZh",
    "zst": b"\x28\xb5\x2f\xfd",
    "lzma": b"\x5d\0\0",
}
_COMPRESSED = tuple(_COMPRESSIONS.values())


def kind_of(head: bytes) -> Kind:
    """What the first ``HEAD`` bytes of a file say; ``""`` for no archive.

    ``packed tar`` is a promise that the compression's magic cannot keep: a lone compressed file looks the same.
    """
    if head.startswith((_AR, _THIN)):
        return "deb" if head[8:21] == b"debian-binary" else "static"
    if head.startswith(b"\xed\xab\xee\xdb"):
        return "rpm"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):  # the latter is an empty one
        return "zip"
    if head[257:262] == b"ustar":
        return "tar"
    return "packed tar" if head.startswith(_COMPRESSED) else ""


def compression_of(head: bytes) -> str:
    """``gz``, ``xz``, ``bz2``, ``zst`` or ``lzma`` by a stream's first bytes; empty for none of them."""
    return next((name for name, magic in _COMPRESSIONS.items() if head.startswith(magic)), "")


def read_kind(path: Path) -> Kind:
    """The kind of a file. Raises OSError."""
    with path.open("rb") as stream:
        return kind_of(stream.read(HEAD))
