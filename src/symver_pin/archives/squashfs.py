"""squashfs images of version 4.0, as in snap packages and AppImages, read in bounded time and memory.

The format (the kernel's ``Documentation/filesystems/squashfs.rst``, ``fs/squashfs/squashfs_fs.h``): a superblock of 96
bytes names the places of the tables. Inodes and directories are in *metadata blocks* of at most 8 KB, each with two
bytes before it: its packed size, and a bit that says that it is not compressed. An inode is found by the offset of its
block in the inode table and its offset in the unpacked block. A file is blocks of the image's block size; its tail may
be in a *fragment*, a block that several files share.

The reader is the project's own because the libraries at hand (PySquashfsImage 0.9) unpack a block whatever its size,
recurse over directories and build the whole tree in memory: a hostile image would take all of it.

Nothing is read twice on purpose: directories are walked without recursion, and one that is reached a second time is an
error, since a directory has one place in a tree.
"""

from __future__ import annotations

import io
import lzma
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import IO, Any, NamedTuple, cast

from symver_pin.archives.limits import MAX_ENTRIES, MAX_NAME, Allowance, Growth, GrowthError
from symver_pin.archives.member import Member
from symver_pin.archives.streams import unpack_zstd
from symver_pin.errors import ArchiveError, NotJudgedError

_SUPERBLOCK = struct.Struct("<5I6H8Q")
_COMPRESSIONS = {1: "gzip", 2: "lzma", 3: "lzo", 4: "xz", 5: "lz4", 6: "zstd"}
_METADATA_SIZE = 8192
_UNCOMPRESSED_METADATA, _UNCOMPRESSED_DATA = 1 << 15, 1 << 24
_NO_FRAGMENT = 0xFFFFFFFF
_DIRECTORY, _FILE, _LARGE_DIRECTORY, _LARGE_FILE = 1, 2, 8, 9
_INODE_SIZE, _FRAGMENT_SIZE = 16, 16
_CACHED_BLOCKS = 64
"""The unpacked metadata blocks that are kept: those of the directories on the way from the root."""
_MAX_LISTING = 64 << 20
"""The bytes of one directory listing; an entry takes 9 bytes and more."""
_LZMA_MEMORY = 64 << 20
"""The bytes that the unpacking of one block may take. A dictionary larger than a block of 1 MB is of no use."""


class _Superblock(NamedTuple):
    """The fields of the superblock that are used."""

    block_size: int
    fragments: int
    compression: str
    root: int
    """The place of the root's inode: the offset of its block times 65,536, and its offset in it."""
    inodes: int
    directories: int
    fragment_table: int


class _File(NamedTuple):
    """A regular file."""

    start: int
    """The offset of its first block."""
    size: int
    fragment: int
    fragment_offset: int
    blocks: tuple[int, int]
    """The place of the sizes of its blocks: an offset in the inode table, and one in the block there."""


def squashfs_members(stream: IO[bytes], archive: str, allowance: Allowance | None = None) -> Iterator[Member]:
    """Yields the regular files of an image; the stream must be one that can seek, with the image at its beginning.

    Raises ArchiveError when it is broken, NotJudgedError when its compression cannot be unpacked here.
    """
    growth = Growth(archive, allowance)
    growth.packed(stream.seek(0, io.SEEK_END))
    image = _Image(stream, archive, growth)
    for name, file in image.files():
        yield Member(archive, name, file.size, partial(image.open, file))


class _Cursor:
    """Reads a sequence of bytes that goes over several metadata blocks."""

    def __init__(self, image: _Image, block: int, offset: int) -> None:
        self._image, self.block, self.offset = image, block, offset

    def read(self, size: int) -> bytes:
        """Returns the next ``size`` bytes. Raises ArchiveError when there are fewer."""
        pieces = []
        while size > 0:
            data, following = self._image.metadata(self.block)
            piece = data[self.offset : self.offset + size]
            if not piece:
                if self.offset > len(data) or following == self.block:
                    raise self._image.broken("a table ends early")
                self.block, self.offset = following, self.offset - len(data)
                continue
            pieces.append(piece)
            self.offset += len(piece)
            size -= len(piece)
        return b"".join(pieces)


class _Image:
    """An opened image."""

    def __init__(self, stream: IO[bytes], archive: str, growth: Growth) -> None:
        self._stream, self._archive, self._growth = stream, archive, growth
        self._super = self._read_superblock()
        self.metadata = lru_cache(maxsize=_CACHED_BLOCKS)(self._metadata)
        self._fragment = lru_cache(maxsize=2)(self._read_fragment)

    def broken(self, why: str) -> ArchiveError:
        """The error about a broken image."""
        return ArchiveError(f"{self._archive}: broken or truncated squashfs image: {why}")

    def _read_superblock(self) -> _Superblock:
        raw = self._bytes(0, _SUPERBLOCK.size, "superblock")
        _, _, _, block_size, fragments, method, block_log, _, _, major, minor, root, *tables = _SUPERBLOCK.unpack(raw)
        if (major, minor) != (4, 0):
            reason = f"a squashfs image of version {major}.{minor}; only 4.0 can be read"
            raise NotJudgedError(self._archive, reason, "unpack it, and name the folder")
        if not 12 <= block_log <= 20 or block_size != 1 << block_log:
            raise self.broken(f"a block size of {block_size} bytes")
        compression = _COMPRESSIONS.get(method, f"method {method}")
        if compression not in ("gzip", "xz", "lzma", "zstd"):
            reason = f"a squashfs image in {compression} compression, which cannot be read"
            raise NotJudgedError(self._archive, reason, "unpack it (unsquashfs), and name the folder")
        _used, _ids, _attributes, inodes, directories, fragment_table, _export = tables
        return _Superblock(block_size, fragments, compression, root, inodes, directories, fragment_table)

    def _bytes(self, offset: int, size: int, what: str) -> bytes:
        if offset >= 1 << 62:
            raise self.broken(f"{what} at offset {offset:#x}")
        self._stream.seek(offset)
        data = self._stream.read(size)
        if len(data) < size:
            raise self.broken(f"{what} at offset {offset:#x} is beyond the end")
        return data

    def _unpack(self, data: bytes, most: int) -> bytes:
        """Unpacks one block. Raises ArchiveError when it is broken, or larger than ``most`` bytes."""
        try:
            if self._super.compression == "gzip":
                unpacked = zlib.decompressobj().decompress(data, most + 1)
            elif self._super.compression == "zstd":
                unpacked = unpack_zstd(data, most + 1, self._archive)
            else:
                unpacked = lzma.LZMADecompressor(memlimit=_LZMA_MEMORY).decompress(data, most + 1)
        except (zlib.error, lzma.LZMAError, EOFError) as error:
            raise self.broken(str(error)) from error
        if len(unpacked) > most:
            raise self.broken(f"a block unpacks to more than {most} bytes")
        return unpacked

    def _metadata(self, place: int) -> tuple[bytes, int]:
        """The unpacked metadata block at an offset, and the offset of the next one."""
        (head,) = struct.unpack("<H", self._bytes(place, 2, "metadata block"))
        size = head & ~_UNCOMPRESSED_METADATA
        data = self._bytes(place + 2, size, "metadata block")
        if not head & _UNCOMPRESSED_METADATA:
            data = self._unpack(data, _METADATA_SIZE)
        if not data or len(data) > _METADATA_SIZE:
            raise self.broken(f"a metadata block of {len(data)} bytes")
        self._growth.unpacked(len(data))
        return data, place + 2 + size

    def _inode(self, place: int) -> tuple[int, _Cursor]:
        """The type of an inode, and a cursor at the fields behind its common header."""
        cursor = _Cursor(self, self._super.inodes + (place >> 16), place & 0xFFFF)
        (kind,) = struct.unpack_from("<H", cursor.read(_INODE_SIZE))
        return kind, cursor

    def files(self) -> Iterator[tuple[str, _File]]:
        """The path and the inode of each regular file, in the order of the directories."""
        left, seen, count = [("", self._super.root)], {self._super.root}, 0
        while left:
            path, place = left.pop()
            folders = []
            for name, kind, inode in self._entries(place):
                count += 1
                if count > MAX_ENTRIES:
                    reason = f"more than {MAX_ENTRIES} directory entries"
                    raise GrowthError(self._archive, reason, "unpack it if you trust it, and name the folder")
                full = f"{path}/{name}" if path else name
                if len(full) > MAX_NAME:
                    raise self.broken(f"a path of more than {MAX_NAME} characters")
                if kind == _DIRECTORY:
                    if inode in seen:
                        raise self.broken(f"the directory {full} is reached twice")
                    seen.add(inode)
                    folders.append((full, inode))
                elif kind == _FILE:
                    yield full, self._file(inode)
            left += reversed(folders)

    def _entries(self, place: int) -> Iterator[tuple[str, int, int]]:
        """(name, type, place of the inode) of each entry of a directory."""
        kind, inode = self._inode(place)
        if kind == _DIRECTORY:
            block, _links, size, offset, _parent = struct.unpack("<IIHHI", inode.read(16))
        elif kind == _LARGE_DIRECTORY:
            _links, size, block, _parent, _count, offset, _attributes = struct.unpack("<4I2HI", inode.read(24))
        else:
            raise self.broken(f"a directory whose inode is of type {kind}")
        if size > _MAX_LISTING:
            raise self.broken(f"a directory of {size} bytes")
        left = size - 3  # the entries for the folder itself and the one above are counted, and are not there
        listing = _Cursor(self, self._super.directories + block, offset)
        while left > 0:
            count, start, _number = struct.unpack("<3I", listing.read(12))
            left -= 12
            if count > 255:
                raise self.broken(f"a directory header with {count + 1} entries")
            for _ in range(count + 1):
                offset, _difference, kind, length = struct.unpack("<HhHH", listing.read(8))
                name = listing.read(length + 1).decode("utf-8", "replace")
                left -= 9 + length
                yield name, kind, start << 16 | offset

    def _file(self, place: int) -> _File:
        kind, inode = self._inode(place)
        if kind == _FILE:
            start, fragment, offset, size = struct.unpack("<4I", inode.read(16))
        elif kind == _LARGE_FILE:
            start, size, _sparse, _links, fragment, offset, _attributes = struct.unpack("<3Q4I", inode.read(40))
        else:
            raise self.broken(f"a file whose inode is of type {kind}")
        return _File(start, size, fragment, offset, (inode.block, inode.offset))

    def open(self, file: _File) -> IO[bytes]:
        """Returns the content of a file as a stream."""
        return cast(IO[bytes], io.BufferedReader(_Pieces(self._pieces(file)), self._super.block_size))

    def _pieces(self, file: _File) -> Iterator[bytes]:
        block_size = self._super.block_size
        count, tail = divmod(file.size, block_size)
        if file.fragment == _NO_FRAGMENT:
            count, tail = count + bool(tail), 0
        sizes, place, left = _Cursor(self, *file.blocks), file.start, file.size
        for _ in range(count):
            (word,) = struct.unpack("<I", sizes.read(4))
            most = min(block_size, left)
            packed = word & ~_UNCOMPRESSED_DATA
            data = self._block(place, word, most) if word else bytes(most)  # a size of 0 is a hole
            self._growth.unpacked(len(data))
            place, left = place + packed, left - len(data)
            yield data
        if tail:
            shared = self._fragment(file.fragment)
            data = shared[file.fragment_offset : file.fragment_offset + tail]
            self._growth.unpacked(len(data))
            yield data

    def _block(self, place: int, word: int, most: int) -> bytes:
        size = word & ~_UNCOMPRESSED_DATA
        if size > self._super.block_size:
            raise self.broken(f"a block of {size} bytes")
        data = self._bytes(place, size, "block")
        data = data if word & _UNCOMPRESSED_DATA else self._unpack(data, most)
        if len(data) > most:
            raise self.broken(f"a block unpacks to more than {most} bytes")
        return data

    def _read_fragment(self, number: int) -> bytes:
        if number >= self._super.fragments:
            raise self.broken(f"fragment {number} of {self._super.fragments}")
        index, entry = divmod(number, _METADATA_SIZE // _FRAGMENT_SIZE)
        (block,) = struct.unpack("<Q", self._bytes(self._super.fragment_table + 8 * index, 8, "fragment table"))
        table = _Cursor(self, block, entry * _FRAGMENT_SIZE)
        start, word, _unused = struct.unpack("<QII", table.read(_FRAGMENT_SIZE))
        data = self._block(start, word, self._super.block_size)
        self._growth.unpacked(len(data))
        return data


class _Pieces(io.RawIOBase):
    """A stream over the pieces that an iterator yields."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        while not self._left:
            found = next(self._pieces, None)
            if found is None:
                return 0
            self._left = found
        data, self._left = self._left[: len(view)], self._left[len(view) :]
        view[: len(data)] = data
        return len(data)
