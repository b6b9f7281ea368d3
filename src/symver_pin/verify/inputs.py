"""What is no ELF file itself but holds some: folders, packages, wheels, jars, tars, static archives.

A folder is walked; what no loader loads (scripts, objects, debug information) is passed over. An archive is a *set* of
its own: its files find their libraries in it, and among the loose files given along. Symbolic links inside a folder are
not followed: what they lead to is there under its own name, or is not part of the folder.

Archives are looked into one level deep: a wheel in a tar, a jar in a package. Members are kept in memory; once a set
has more than ``IN_MEMORY`` bytes of them, the next ones go into a temporary file without a name, mapped.

A member is called ``archive!/path/in/it``, so that as a path it lies where the archive says: ``$ORIGIN`` works.
"""

import io
import mmap
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Literal, NamedTuple

from symver_pin.archives import HEAD, GrowthError, Kind, Member, kind_of, members
from symver_pin.elf.constants import ET_DYN, ET_EXEC
from symver_pin.elf.source import Content
from symver_pin.errors import ArchiveError, ElfError, NotLoadableError
from symver_pin.verify.judgement import Judgement
from symver_pin.verify.model import INSIDE, FileVerdict
from symver_pin.verify.objects import Object

IN_MEMORY = 128 << 20
_WINDOW = 256 << 20
#: So much of one set may be written.
_MOST = 16 << 30

_ELF, _ET_REL = b"\x7fELF", 1
#: How the names of compressed tars end. Any other compressed file in a folder or an archive is a manual page or a log.
_PACKED_TARS = (".tgz", ".tbz2", ".txz", ".tzst", ".crate")


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
        self._held = self._kept = 0
        self._window: _Window | None = None

    def keep(self, member: Member) -> bytes | memoryview:
        """A member's content. Raises ArchiveError when it cannot be read, or there is no room for it."""
        if self._held + member.size <= IN_MEMORY:
            data = member.read()
            self._held += len(data)
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
            return io.BytesIO(self.keep(member))
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
        with Path(path).open("rb") as stream:
            head = stream.read(HEAD)
        if kind_of(head):
            return Archive(path)
        if head.startswith(_ELF) and _elf_type(head) == _ET_REL:
            return StaticArchive(path, (Content(path, Path(path).read_bytes()),))
    except (OSError, ValueError):  # the latter for a zero byte in the name
        pass  # said already by whoever tried to open it
    return None


def walk(folder: str) -> Iterator[str | Archive | FileVerdict]:
    """The programs, libraries and archives below a folder, not opened yet; an ``error`` for what cannot be read."""
    unreadable: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=unreadable.append):
        folders.sort()
        for name in sorted(names):
            path = f"{parent.rstrip('/')}/{name}"
            found: str | Archive | FileVerdict | None
            try:
                found = _walked(path)
            except OSError as error:
                found = _unreadable(path, error)
            if found is not None:
                yield found
    for failed in unreadable:
        yield _unreadable(str(failed.filename), failed)


def _unreadable(path: str, error: OSError) -> FileVerdict:
    return FileVerdict(path, "error", error=f"{path}: cannot be read: {error.strerror}; check who may read it")


def _walked(path: str) -> str | Archive | None:
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return None
    with Path(path).open("rb") as stream:
        head = stream.read(HEAD)
    if head.startswith(_ELF):
        return path if _may_be_program(head) else None
    return Archive(path) if _is_worth_it(kind_of(head), path) else None


def _elf_type(head: bytes) -> int:
    order: Literal["big", "little"] = "big" if head[5:6] == b"\2" else "little"
    return int.from_bytes(head[16:18], order)


def _may_be_program(head: bytes) -> bool:
    """Whether an ELF file is of a kind that is judged without being named; a truncated one may be."""
    return len(head) < 18 or _elf_type(head) in (ET_EXEC, ET_DYN)


def _is_worth_it(kind: Kind, name: str) -> bool:
    """Whether what looks like an archive is one, and not a compressed manual page."""
    return kind != "" and (kind != "packed tar" or ".tar." in name or name.endswith(_PACKED_TARS))


def open_archive(archive: Archive, judgement: Judgement) -> Iterator[Found]:
    """All that an archive holds, in its order, that of archives inside of it included. Nothing is raised: what is
    broken is a verdict ``error``.
    """
    try:
        with Path(archive.path).open("rb") as stream:
            yield from _open(stream, archive.path, _Store(), judgement, nested=False)
    except OSError as error:
        yield _unreadable(archive.path, error)


def _open(stream: IO[bytes], name: str, store: _Store, judgement: Judgement, nested: bool) -> Iterator[Found]:
    is_static = kind_of(stream.read(HEAD)) == "static"
    stream.seek(0)
    objects: list[Content] = []
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
    except ArchiveError as error:
        yield FileVerdict(name, "error", error=str(error))
    else:
        if is_static:
            yield StaticArchive(name, tuple(objects))


def _member(member: Member, archive: str, store: _Store, judgement: Judgement, nested: bool) -> Iterator[Found]:
    head = member.head
    is_program, kind = head.startswith(_ELF), kind_of(head)
    if not is_program and (nested or not _is_worth_it(kind, member.name)):
        return
    name = f"{archive}{INSIDE}{_inside(member)}"
    if not is_program:
        with store.stream(member) as stream:
            yield from _open(stream, name, store, judgement, nested=True)
        return
    if _may_be_program(head):
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
