"""Open archives (packages, wheels, jars, tars, static archives) and judge the files in them.

The files of an archive are a *set* of their own: they find their libraries in it, and among the files given beside it.
Files that no loader loads are passed over, as in folders.

Archives are opened one level deep: a wheel in a tar, a jar in a package. Members are kept in memory; once a set has
more than ``IN_MEMORY`` bytes of them, the next ones are written to an unnamed temporary file and mapped.

A member is named ``archive!/path/in/it``. Read as a path, that is where the archive says it lies: ``$ORIGIN`` works.
"""

from __future__ import annotations

import mmap
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, cast

from symver_pin.archives.kinds import HEAD, kind_of
from symver_pin.archives.limits import MAX_BROKEN, MAX_KEPT, GrowthError
from symver_pin.archives.member import Member
from symver_pin.archives.reader import members
from symver_pin.archives.streams import Pages, View
from symver_pin.elf.image import Content
from symver_pin.errors import ArchiveError, ElfError, NotLoadableError
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.verdict import INSIDE, FileVerdict
from symver_pin.verifier.callers import add_callers_in_members
from symver_pin.verifier.candidates import Archive, StaticArchive
from symver_pin.verifier.folders import unreadable_verdict
from symver_pin.verifier.given_files import FileSet
from symver_pin.verifier.session import Session
from symver_pin.verifier.sniff import is_archive, is_object, read_head, sniff
from symver_pin.verifier.static_archive import Objects, check_static_archive, notes

IN_MEMORY = 128 << 20
_WINDOW = 256 << 20
_MOST = 16 << 30
"""So much of one set may be written."""


Found = LoadedObject | StaticArchive | FileVerdict


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


def open_archive(archive: Archive, session: Session) -> Iterator[Found]:
    """All that an archive holds, in its order, that of archives inside of it included. Nothing is raised: what is
    broken is a verdict ``error``.
    """
    try:
        with Path(archive.path).open("rb") as stream:
            yield from _open(stream, archive.path, _Store(), session, nested=False)
    except OSError as error:
        yield unreadable_verdict(archive.path, error)


def _open(stream: IO[bytes], name: str, store: _Store, session: Session, nested: bool) -> Iterator[Found]:
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
                    yield from _member(member, name, store, session, nested)
            except GrowthError:
                raise
            except ArchiveError as error:
                yield FileVerdict(f"{name}{INSIDE}{member.name}", "error", error=str(error))
                broken += 1
                if broken == MAX_BROKEN:
                    raise GrowthError(
                        f"{name}: {broken} members cannot be read; the rest of it is not verified"
                    ) from None
    except ArchiveError as error:
        yield FileVerdict(name, "error", error=str(error))
    else:
        if is_static:
            yield StaticArchive(name, tuple(objects))


def _member(member: Member, archive: str, store: _Store, session: Session, nested: bool) -> Iterator[Found]:
    kind = sniff(member.head, member.name)
    if not kind or (kind == "archive" and nested):
        return
    name = f"{archive}{INSIDE}{_inside(member)}"
    if kind == "archive":
        with store.stream(member) as stream:
            yield from _open(stream, name, store, session, nested=True)
        return
    try:
        yield session.open(Content(name, store.keep(member)), keep_facts=True)
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


def judge_archive(found: Archive | StaticArchive, outer: FileSet, session: Session) -> list[FileVerdict]:
    """A verdict for each file of an archive, in its order; its files also find those of ``outer``.

    Nothing is raised: what cannot be read is a verdict ``error``.
    """
    outer.exports.clear()  # the archive's content needs the memory
    content = list(open_archive(found, session)) if isinstance(found, Archive) else [found]
    objects = [each for each in content if isinstance(each, LoadedObject)]
    files = FileSet(objects, outer)
    verdicts = []
    for each in content:
        if isinstance(each, FileVerdict):
            verdicts.append(each)
        elif isinstance(each, LoadedObject):
            verdicts.append(session.verdict(each, files))
        else:
            verdicts.append(_judge_static(each, session))
    for each in objects:
        session.judge(each.path, each.arch).forget(each)
    return verdicts


def _judge_static(archive: StaticArchive, session: Session) -> FileVerdict:
    try:
        objects = Objects(archive)
        if objects.arch is None:
            findings = tuple(notes(archive.path, objects, []))
            return FileVerdict(archive.path, "ok", kind="static archive", findings=findings)
        system = session.judge(archive.path, objects.arch).system
        verdict = check_static_archive(archive.path, objects, system)
        verdict = verdict._replace(runs_on=session.platforms.running(verdict.loads, system.axis))
        return add_callers_in_members(verdict, archive) if session.callers else verdict
    except ElfError as error:
        return FileVerdict(archive.path, "error", error=str(error))
