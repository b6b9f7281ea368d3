"""``ar`` archives: static archives, and Debian packages, which are ``ar`` archives that contain a tar (deb(5)).

An ``ar`` archive is a magic number of 8 bytes and then its members. A member is a header of 60 bytes of text (the name
in the first 16 bytes, the size in 10 bytes at offset 48, an end mark at offset 58) and its data, padded to an even
length.

In System V archives a name ends with ``/``. A name of more than 15 bytes is in the member ``//``, the name table, and
the header has ``/`` and the offset there. In BSD archives the header has ``#1/`` and the length of a long name, which
is at the beginning of the data. The members ``/`` and ``/SYM64/`` (``__.SYMDEF`` in BSD archives) are symbol indexes.
"""

from collections.abc import Iterator
from typing import IO, NamedTuple

from symver_pin.archives.limits import MAX_NAME, Allowance
from symver_pin.archives.member import Member
from symver_pin.archives.streams import part, skip
from symver_pin.archives.tar import tar_members
from symver_pin.errors import ArchiveError, NotJudgedError

MAGIC_SIZE, _HEADER_SIZE = 8, 60
_SYMBOL_INDEXES = frozenset({"/", "/SYM64/", "__.SYMDEF", "__.SYMDEF SORTED"})
_MAX_NAME_TABLE = 64 << 20
"""The limit on the bytes of a name table. That of the largest real archive has about 100 KB."""


class Header(NamedTuple):
    """The header of a member."""

    name: str
    size: int
    raw: bytes
    """Its 60 bytes, with the time, owner and mode."""

    def with_size(self, size: int) -> bytes:
        """The 60 bytes of a member of another size."""
        return self.raw[:48] + b"%-10d" % size + self.raw[58:]


def static_members(stream: IO[bytes], archive: str, allowance: Allowance | None = None) -> Iterator[Member]:
    """Yields the members of a static archive.

    Raises ArchiveError when the archive is broken, NotJudgedError when it is thin: a thin archive has the names of its
    members, which are separate files.
    """
    del allowance  # nothing is unpacked
    if stream.read(MAGIC_SIZE) == b"!<thin>\n":
        raise NotJudgedError(archive, "thin archive: its members are files beside it", "name those")
    name_table = b""
    for name, size, _raw in member_headers(stream, archive):
        if name == "//":
            if size > _MAX_NAME_TABLE:
                raise ArchiveError(f"{archive}: name table is {size} bytes; the limit is {_MAX_NAME_TABLE >> 20} MiB")
            name_table = stream.read(size)
            continue
        content = part(stream, size)
        if name.startswith("#1/") and name[3:].isdigit():
            length = min(int(name[3:]), size)
            if length > MAX_NAME:
                raise ArchiveError(f"{archive}: a member's name is {length} bytes; the limit is {MAX_NAME}")
            name, size = content.read(length).rstrip(b"\0").decode("utf-8", "replace"), size - length
            content = part(content, size)
        elif name[:1] == "/" and name[1:].isdigit():
            start = int(name[1:])
            name = name_table[start : start + MAX_NAME].partition(b"\n")[0].decode("utf-8", "replace")
        if name not in _SYMBOL_INDEXES:
            yield Member(archive, name.removesuffix("/"), size, content)
        skip(content, size)


def deb_members(stream: IO[bytes], archive: str, allowance: Allowance | None = None) -> Iterator[Member]:
    """Yields the files of a Debian package; those of its ``control.tar``, among which may be programs, as
    ``DEBIAN/preinst``. Raises ArchiveError when it is broken or has no ``data.tar`` member.
    """
    stream.read(MAGIC_SIZE)
    for name, size, _raw in member_headers(stream, archive):
        content = part(stream, size)
        if name.startswith("data.tar"):
            yield from tar_members(content, archive, allowance)
            return
        if name.startswith("control.tar"):
            for member in tar_members(content, archive, allowance):
                member.name = f"DEBIAN/{member.name.removeprefix('./')}"
                yield member
        skip(content, size)
    raise ArchiveError(f"{archive}: no data.tar member; the Debian package is truncated or broken")


def member_headers(stream: IO[bytes], archive: str) -> Iterator[Header]:
    """Yields the header of each member; the stream stands behind the magic number.

    The caller reads exactly the data of a member before it asks for the next. Raises ArchiveError for a broken header.
    """
    position = MAGIC_SIZE
    while header := stream.read(_HEADER_SIZE):
        if len(header) < _HEADER_SIZE or header[58:60] != b"`\n" or not header[48:58].strip().isdigit():
            raise ArchiveError(
                f"{archive}: broken member header at offset {position}; the archive is truncated or broken"
            )
        size = int(header[48:58])
        yield Header(header[:16].decode("utf-8", "replace").rstrip(), size, header)
        if size % 2:
            stream.read(1)
        position += _HEADER_SIZE + size + size % 2
