"""Tells the kind of an archive, and of a compressed stream, by the first bytes.

``kind_of`` compares magic numbers. ``is_sound`` looks closer: three or four bytes can be there by chance, in a text or
in a table of numbers, and then the first structure behind them is none of that format.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

Kind = Literal["deb", "static", "rpm", "zip", "tar", "cpio", "squashfs", "packed", "unread", ""]

HEAD = 1084
"""The number of bytes at the beginning of a file that ``kind_of`` needs: the magic number of ext4 is at offset 1080."""

_AR, _THIN_AR = b"!<arch>\n", b"!<thin>\n"
_COMPRESSION_MAGICS = {
    "gz": b"\x1f\x8b\x08",
    "xz": b"\xfd7zXZ\0",
    "bz2": b"BZh",
    "zst": b"\x28\xb5\x2f\xfd",
    "lzma": b"\x5d\0\0",
}
_ALL_COMPRESSION_MAGICS = tuple(_COMPRESSION_MAGICS.values())
_CPIO_MAGICS = (b"070701", b"070702", b"070707")
_SQUASHFS = b"hsqs"


class Unread(NamedTuple):
    """A format that may contain programs and is not read here."""

    offset: int
    magic: bytes
    name: str
    advice: str


_MOUNT = "mount it, and name the folder"
_UNPACK = "unpack it, and name the folder"
UNREAD = (
    Unread(0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    Unread(0, b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    Unread(0, b"MSCF\0\0\0\0", "a cabinet (CAB) archive", _UNPACK),
    Unread(0, b"xar!", "a xar archive", _UNPACK),
    Unread(0, b"LZIP\1", "an lzip file", "unpack it (lzip -d)"),
    Unread(0, b"\x04\x22\x4d\x18", "an LZ4 file", "unpack it (lz4 -d)"),
    Unread(0, b"\x89LZO\0\r\n\x1a\n", "an lzop file", "unpack it (lzop -d)"),
    Unread(0, b"\x1f\x9d", "a file of compress(1)", "unpack it (gzip -d)"),
    Unread(0, b"flatpak\0\1\0", "a Flatpak bundle", "install it, and name the folder of the application"),
    Unread(0, b"sqsh", "a squashfs image of big-endian machines", _UNPACK),
    Unread(0, b"DWARFS", "a DwarFS image", "unpack it (dwarfsextract), and name the folder"),
    Unread(0, b"\x45\x3d\xcd\x28", "a cramfs image", _MOUNT),
    Unread(0, b"-rom1fs-", "a romfs image", _MOUNT),
    Unread(0, b"QFI\xfb", "a QCOW disk image", _MOUNT),
    Unread(0, b"KDMV", "a VMDK disk image", _MOUNT),
    Unread(0, b"conectix", "a VHD disk image", _MOUNT),
    Unread(0, b"\xc7\x71", "a cpio archive in the old binary format", "unpack it (cpio -i), and name the folder"),
    Unread(512, b"EFI PART", "a disk image", _MOUNT),
    Unread(1024, b"\xe2\xe1\xf5\xe0", "an EROFS image", _MOUNT),
    Unread(1080, b"\x53\xef", "an ext2, ext3 or ext4 image", _MOUNT),
)
"""What ``kind_of`` calls ``unread``."""

FROZEN_MAGIC, FROZEN_COOKIE_SIZE = b"MEI\x0c\x0b\x0a\x0b\x0e", 88
"""The first bytes, and the size, of the cookie with which an archive of PyInstaller ends (``frozen``)."""

ISO_9660 = Unread(32769, b"CD001", "an ISO 9660 image", _MOUNT)
"""Its magic number is behind 32 KB that a boot loader may use and that are zero in most images. Only a file that begins
with zeros, or with a boot sector, is worth the look there; an AppImage of type 1 is an ELF file of this kind."""


def kind_of(head: bytes) -> Kind:
    """Returns the kind of the archive that begins with the bytes ``head``, or ``""`` when it is no archive.

    ``head`` has the first ``HEAD`` bytes of the file. The answer ``packed`` means a compressed file: whether its
    content is a tar, only unpacking tells. ``unread`` is a format of the table ``UNREAD``.
    """
    if head.startswith((_AR, _THIN_AR)):
        return "deb" if head[8:21] == b"debian-binary" else "static"
    if head.startswith(b"\xed\xab\xee\xdb"):
        return "rpm"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):  # the second begins an archive without members
        return "zip"
    if head[257:262] == b"ustar":
        return "tar"
    if head.startswith(_CPIO_MAGICS):
        return "cpio"
    if head.startswith(_SQUASHFS):
        return "squashfs"
    if head.startswith(_ALL_COMPRESSION_MAGICS):
        return "packed"
    return "unread" if unread_of(head) is not None else ""


def unread_of(head: bytes) -> Unread | None:
    """Returns the row of ``UNREAD`` for a file that begins with ``head``, None for any other file."""
    return next((row for row in UNREAD if head.startswith(row.magic, row.offset)), None)


def compression_of(head: bytes) -> str:
    """Returns the compression of a stream that begins with ``head``: a key of ``_COMPRESSION_MAGICS``, or ``""``."""
    return next((name for name, magic in _COMPRESSION_MAGICS.items() if head.startswith(magic)), "")


def read_kind(path: Path) -> Kind:
    """Returns the kind of a file. Raises OSError when it cannot be read."""
    with path.open("rb") as stream:
        return kind_of(stream.read(HEAD))


def is_sound(head: bytes) -> bool:
    """True if ``head`` begins an archive: the first structure behind the magic number can be one of that format.

    ``head`` has the first ``HEAD`` bytes of a file, and ``kind_of`` returns a kind for it.
    """
    kind = kind_of(head)
    if kind == "packed":
        return _unpacks(head)
    if kind == "unread":
        row = unread_of(head)
        return row is None or len(row.magic) > 2 or _is_plausible(row, head)
    check = _FIRST_STRUCTURES.get(kind)
    return check is None or check(head)


def title_of(head: bytes) -> str:
    """What a file that begins with ``head`` looks like, for a message: "a zip archive"."""
    kind = kind_of(head)
    row = unread_of(head) if kind == "unread" else None
    if row is not None:
        return row.name
    return _TITLES[kind] if kind != "packed" else f"a {compression_of(head)} file"


_TITLES: dict[str, str] = {
    "deb": "a Debian package",
    "static": "a static archive",
    "rpm": "an RPM package",
    "zip": "a zip archive",
    "tar": "a tar archive",
    "cpio": "a cpio archive",
    "squashfs": "a squashfs image",
    "": "no archive",
}


def _unpacks(head: bytes) -> bool:
    """True if the first bytes of a compressed file can be unpacked, or are too few to tell."""
    import bz2  # these take time, and most runs meet no compressed file
    import lzma
    import zlib

    try:
        match compression_of(head):
            case "gz":
                zlib.decompressobj(31).decompress(head, HEAD)
            case "xz" | "lzma":
                lzma.LZMADecompressor().decompress(head, HEAD)
            case "bz2":
                bz2.BZ2Decompressor().decompress(head, HEAD)
            case "zst":
                return head[4:5] != b"" and not head[4] & 0x08  # a reserved bit of the frame header
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, MemoryError):
        return False
    return True


def _is_ar(head: bytes) -> bool:
    return len(head) == 8 or head[66:68] == b"`\n"


def _is_zip(head: bytes) -> bool:
    """An archive without members, or a local file header with a version, a method and a name that can be."""
    if head.startswith(b"PK\x05\x06"):
        return True
    if len(head) < 30:
        return False
    version, _flags, method = struct.unpack_from("<3H", head, 4)
    (name_size,) = struct.unpack_from("<H", head, 26)
    return bool(version & 0xFF <= 63 and method <= 99 and name_size)


def is_tar_header(head: bytes) -> bool:
    """True for the header of a tar's member: 512 bytes whose sum is the one that they state."""
    stated = head[148:156].strip(b" \0")
    if len(head) < 512 or not stated or not all(byte in b"01234567" for byte in stated):
        return False
    return int(stated, 8) == sum(head[:148]) + sum(head[156:512]) + 8 * ord(" ")


def _is_cpio(head: bytes) -> bool:
    digits = head[6:110] if head[:6] != b"070707" else head[6:76]
    return all(byte in b"0123456789abcdefABCDEF" for byte in digits) and len(digits) >= 70


def _is_squashfs(head: bytes) -> bool:
    """A superblock of version 4.0 whose block size is the power of two that it states."""
    if len(head) < 96:
        return False
    (block_size,) = struct.unpack_from("<I", head, 12)
    (block_log,) = struct.unpack_from("<H", head, 22)
    return bool(head[28:32] == b"\4\0\0\0" and 12 <= block_log <= 20 and block_size == 1 << block_log)


def _is_plausible(row: Unread, head: bytes) -> bool:
    """A magic number of two bytes is there by chance in every 65,536th file: the fields beside it decide."""
    if row.offset == 1080:  # ext: the block size, the numbers of inodes and blocks, the state
        inodes, blocks = struct.unpack_from("<2I", head, 1024)
        (block_log,) = struct.unpack_from("<I", head, 1048)
        return bool(0 < inodes <= 1 << 31 and blocks > 0 and block_log <= 6)
    if row.magic == b"\x1f\x9d":  # compress: 9 to 16 bits, no reserved flag
        return len(head) > 2 and 9 <= head[2] & 0x1F <= 16 and not head[2] & 0x60
    mode, name_size = struct.unpack_from("<6xH12xH", head.ljust(26, b"\0"))
    return bool(mode >> 12 in (1, 2, 4, 6, 8, 10, 12) and 0 < name_size <= 4096)  # cpio: type of the file, its name


_FIRST_STRUCTURES: dict[str, Callable[[bytes], bool]] = {
    "deb": _is_ar,
    "static": _is_ar,
    "rpm": lambda head: head[96:99] == b"\x8e\xad\xe8",
    "zip": _is_zip,
    "tar": is_tar_header,
    "cpio": _is_cpio,
    "squashfs": _is_squashfs,
}
