"""What is no ELF file itself but holds some: packages, wheels, jars, tars, static archives.

An archive is a *set* of its own: its files find their libraries in it, and among the loose files given along. What no
loader loads is passed over, as in folders.

Archives are looked into one level deep: a wheel in a tar, a jar in a package. Members are kept in memory; once a set
has more than ``IN_MEMORY`` bytes of them, the next ones go into a temporary file without a name, mapped.

A member is called ``archive!/path/in/it``, so that as a path it lies where the archive says: ``$ORIGIN`` works.
"""

import mmap
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple, cast

from symver_pin.archives.kinds import HEAD, kind_of
from symver_pin.archives.limits import MAX_BROKEN, MAX_KEPT, GrowthError
from symver_pin.archives.member import Member
from symver_pin.archives.reader import members
from symver_pin.archives.streams import Pages, View
from symver_pin.elf.source import Content
from symver_pin.errors import ArchiveError, ElfError, NotLoadableError
from symver_pin.verify.folders import unreadable_verdict
from symver_pin.verify.heads import is_archive, is_object, read_head, what_is
from symver_pin.verify.judgement import Judgement
from symver_pin.verify.model import INSIDE, FileVerdict
from symver_pin.verify.objects import Object

IN_MEMORY = 128 << 20
_WINDOW = 256 << 20
#: So much of one set may be written.
_MOST = 16 << 30


class Archive(NamedTuple):
    """An archive that was given, or found in a folder; not opened yet."""

    path: str


class StaticArchive(NamedTuple):
    """A static archive or a single object: what a link would take in."""

    path: str
    objects: tuple[Content, ...]


Found = Object | StaticArchive | FileVerdict


class _Store:
    """Keeps the members of one set. What is written is written to a few large files: each takes a file descriptor."""

    def __init__(self) -> None:
        self._count = self._held = self._kept = 0
        self._window: _Window | None = None
        self._pages = Pages()

    def keep(self, member: Member) -> memoryview:
        """A member's content. Raises ArchiveError when it cannot be read, or there is no room for it; GrowthError when
        there are too many.
        """
        self._count += 1
        if self._count > MAX_KEPT:
            raise GrowthError(
                f"{member.archive}: more than {MAX_KEPT} programs and objects; unpack it if you trust it, and name the "
                "folder"
            )
        if self._held + member.size <= IN_MEMORY:
            data = member.read()
            self._held += len(data)
            self._pages.seen(data)
            return data
        self._kept += member.size
        if self._kept > _MOST:
            raise ArchiveError(f"{member.archive}: more than {_MOST >> 30} GB of programs; unpack it, name the folder")
        try:
            if self._window is None or self._window.left < member.size:
                self._window = _Window(max(_WINDOW, member.size))
            return self._window.write(member)
        except OSError as error:
            raise ArchiveError(f"{member.archive}: no room for {member.name} on disk: {error.strerror}") from error

    def stream(self, member: Member) -> IO[bytes]:
        """The same as a stream that can seek."""
        if self._held + member.size <= IN_MEMORY:
            return cast(IO[bytes], View(self.keep(member)))
        stream: IO[bytes] = tempfile.TemporaryFile(prefix="symver-pin-")  # noqa: SIM115  (the caller's to close)
        try:
            for piece in member.chunks():
                stream.write(piece)
        except OSError as error:
            raise ArchiveError(f"{member.archive}: no room for {member.name} on disk: {error.strerror}") from error
        stream.seek(0)
        return stream


class _Window:
    """A temporary file without a name, mapped. It is written as a file, so that a full disk is an error, no crash."""

    def __init__(self, size: int) -> None:
        self.left = size
        self._stream: IO[bytes] = tempfile.TemporaryFile(prefix="symver-pin-")  # noqa: SIM115  (lives as the window)
        self._stream.truncate(size)
        self._view = memoryview(mmap.mmap(self._stream.fileno(), size, access=mmap.ACCESS_READ))

    def write(self, member: Member) -> memoryview:
        """A member's content, written and mapped. Raises ArchiveError when it is broken, OSError on a full disk."""
        start = self._stream.tell()
        for piece in member.chunks():
            self._stream.write(piece)
        self._stream.flush()
        end = self._stream.tell()
        self.left = len(self._view) - end
        return self._view[start:end]


def look_into(path: str) -> Archive | StaticArchive | None:
    """The archive or object that a path is; None when it is neither."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return None
        head = read_head(path)
        if is_archive(head):
            return Archive(path)
        if is_object(head):
            return StaticArchive(path, (Content(path, Path(path).read_bytes()),))
    except (OSError, ValueError):  # the latter for a zero byte in the name
        pass  # said already by whoever tried to open it
    return None


def open_archive(archive: Archive, judgement: Judgement) -> Iterator[Found]:
    """All that an archive holds, in its order, that of archives inside of it included. Nothing is raised: what is
    broken is a verdict ``error``.
    """
    try:
        with Path(archive.path).open("rb") as stream:
            yield from _open(stream, archive.path, _Store(), judgement, nested=False)
    except OSError as error:
        yield unreadable_verdict(archive.path, error)


def _open(stream: IO[bytes], name: str, store: _Store, judgement: Judgement, nested: bool) -> Iterator[Found]:
    is_static = kind_of(stream.read(HEAD)) == "static"
    stream.seek(0)
    objects: list[Content] = []
    broken = 0
    try:
        for member in members(stream, name):
            try:
                if is_static:
                    objects.append(Content(f"{name}({member.name})", store.keep(member)))
                else:
                    yield from _member(member, name, store, judgement, nested)
            except GrowthError:
                raise
            except ArchiveError as error:
                yield FileVerdict(f"{name}{INSIDE}{member.name}", "error", error=str(error))
                broken += 1
                if broken == MAX_BROKEN:
                    raise GrowthError(f"{name}: {broken} members cannot be read; nothing more of it is") from None
    except ArchiveError as error:
        yield FileVerdict(name, "error", error=str(error))
    else:
        if is_static:
            yield StaticArchive(name, tuple(objects))


def _member(member: Member, archive: str, store: _Store, judgement: Judgement, nested: bool) -> Iterator[Found]:
    what = what_is(member.head, member.name)
    if not what or (what == "archive" and nested):
        return
    name = f"{archive}{INSIDE}{_inside(member)}"
    if what == "archive":
        with store.stream(member) as stream:
            yield from _open(stream, name, store, judgement, nested=True)
        return
    try:
        yield judgement.open(Content(name, store.keep(member)))
    except NotLoadableError:
        return
    except ElfError as error:
        yield FileVerdict(name, "error", error=str(error))


def _inside(member: Member) -> str:
    """A member's name without ``.`` and ``..``. Raises ArchiveError when it leads out of the archive."""
    parts: list[str] = []
    for part in PurePosixPath(member.name).parts:
        if part == "..":
            if not parts:
                raise ArchiveError(f"{member.archive}: {member.name}: the name leads out of the archive; not read")
            parts.pop()
        elif part != "/":
            parts.append(part)
    return "/".join(parts)
