"""``ar`` files: static archives, and Debian packages, which are ``ar`` files with a tar in them.

After the magic come members: a header of 60 bytes of text (name in 16, size in 10 at offset 48, the mark at 58), then
the data, padded to an even length. System V names end in ``/``; a name that does not fit is ``/`` and its offset in the
member ``//``. BSD writes ``#1/`` and the length of a name that precedes the data. ``/`` and ``/SYM64/`` are indexes.
"""

from collections.abc import Iterator
from typing import IO

from symver_pin.archives.limits import MAX_NAME
from symver_pin.archives.member import Member
from symver_pin.archives.streams import part, skip
from symver_pin.archives.tar import tar_members
from symver_pin.errors import ArchiveError

_MAGIC_SIZE, _HEADER_SIZE = 8, 60
_INDEXES = frozenset({"/", "/SYM64/", "__.SYMDEF", "__.SYMDEF SORTED"})
#: The table of long names of the largest real archive is some 100 KB; a larger claim is not read.
_MAX_NAMES = 64 << 20


def static_members(stream: IO[bytes], archive: str) -> Iterator[Member]:
    """The members of a static archive. Raises ArchiveError when it is broken, or thin: its members lie elsewhere."""
    if stream.read(_MAGIC_SIZE) == b"!<thin>\n":
        raise ArchiveError(f"{archive}: thin archive: its members are files beside it; name those")
    long_names = b""
    for name, size in _entries(stream, archive):
        if name == "//":
            if size > _MAX_NAMES:
                raise ArchiveError(f"{archive}: its table of names claims {size} bytes, more than is believed")
            long_names = stream.read(size)
            continue
        content = part(stream, size)
        if name.startswith("#1/") and name[3:].isdigit():
            length = min(int(name[3:]), size)
            if length > MAX_NAME:
                raise ArchiveError(f"{archive}: a name of {length} bytes: broken")
            name, size = content.read(length).rstrip(b"\0").decode("utf-8", "replace"), size - length
            content = part(content, size)
        elif name[:1] == "/" and name[1:].isdigit():
            start = int(name[1:])
            name = long_names[start : start + MAX_NAME].partition(b"\n")[0].decode("utf-8", "replace")
        if name not in _INDEXES:
            yield Member(archive, name.removesuffix("/"), size, content)
        skip(content, size)


def deb_members(stream: IO[bytes], archive: str) -> Iterator[Member]:
    """The files of a Debian package. Raises ArchiveError when it is broken or has no payload."""
    stream.read(_MAGIC_SIZE)
    for name, size in _entries(stream, archive):
        if name.startswith("data.tar"):
            yield from tar_members(part(stream, size), archive)
            return
        skip(stream, size)
    raise ArchiveError(f"{archive}: no data.tar member: not a whole Debian package")


def _entries(stream: IO[bytes], archive: str) -> Iterator[tuple[str, int]]:
    """(name, size) of each member; between two of them the reader has taken exactly the data from the stream."""
    position = _MAGIC_SIZE
    while header := stream.read(_HEADER_SIZE):
        if len(header) < _HEADER_SIZE or header[58:60] != b"`\n" or not header[48:58].strip().isdigit():
            raise ArchiveError(f"{archive}: broken member header at offset {position}: truncated or not an ar file")
        size = int(header[48:58])
        yield header[:16].decode("utf-8", "replace").rstrip(), size
        if size % 2:
            stream.read(1)
        position += _HEADER_SIZE + size + size % 2
