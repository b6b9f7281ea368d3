"""Open archives (packages, wheels, images, static archives) and what programs carry, and judge the files in them.

The files of an archive are a *set* of their own: they find their libraries in it, and among the files given beside it.
Files that no loader loads are passed over, as in folders. The first bytes of a member tell what it is, at every level:
a layer of a container's image has no suffix. What cannot be looked into is a verdict ``error`` with the finding
``not-judged``.

A member is named ``archive!/path/in/it``. Read as a path, that is where the archive says it lies: ``$ORIGIN`` works.
"""

from __future__ import annotations

import io
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, cast

from symver_pin.archives.kinds import HEAD, ISO_9660, kind_of, title_of
from symver_pin.archives.limits import MAX_BROKEN, MAX_DEPTH, Allowance, GrowthError
from symver_pin.archives.member import Member
from symver_pin.archives.reader import members
from symver_pin.archives.streams import Pages, Slice, View
from symver_pin.elf.image import Content
from symver_pin.errors import ArchiveError, ElfError, NotJudgedError, NotLoadableError
from symver_pin.loader.verdict import INSIDE, FileVerdict
from symver_pin.promises.check import musl_verdict
from symver_pin.promises.package import Package
from symver_pin.verifier.archive_files import ArchiveFiles
from symver_pin.verifier.carried import Carried, carried_by_script
from symver_pin.verifier.discovery.candidates import Archive, Carrier, StaticArchive
from symver_pin.verifier.discovery.sniff import TAIL, is_archive, is_binary, is_object, may_be_iso, read_ends, sniff
from symver_pin.verifier.given_files import FileSet
from symver_pin.verifier.session import Session
from symver_pin.verifier.store import Store, stream_of
from symver_pin.verifier.unjudged import fake_verdict, unjudged_verdict, unreadable_verdict

Found = int | FileVerdict
"""The position of a program or library among the files of an archive; the verdict on anything else."""

_SCRIPT = b"#!"
_METADATA = 1 << 20
"""So many bytes of a file with a package's metadata are read."""
_ELF_HEADER = 52
"""The bytes of the smallest ELF header; a shorter member of a static archive is a broken object."""


def look_into(path: str) -> Archive | StaticArchive | None:
    """The archive, the script with an archive behind it, or the object that a path is; None when it is none."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return None
        head, tail = read_ends(path)
        if is_archive(head) or (head.startswith(_SCRIPT) and is_binary(tail)) or tail == ISO_9660.magic:
            return Archive(path, was_named=True)
        if is_object(head):
            return StaticArchive(path, (Content(path, Path(path).read_bytes()),))
    except (OSError, ValueError):  # the latter for a zero byte in the name
        pass  # said already by whoever tried to open it
    return None


class _Opener:
    """Opens one archive and all that is inside of it."""

    def __init__(self, root: str, files: ArchiveFiles, store: Store, session: Session) -> None:
        self._root, self._files, self._store, self._session = root, files, store, session
        self._allowance = Allowance()
        self._fakes = self.seen = 0
        """``seen``: the members of any kind."""
        self._package: Package | None = None
        """The archive that is being read."""
        self.packages: list[Package | None] = []
        """The archive of each file, by its position in ``files``."""

    def open(self, stream: IO[bytes], name: str, depth: int = 1) -> Iterator[Found]:
        """All that an archive or a script holds, in its order, that of archives inside of it included. Nothing is
        raised for what is broken: it is a verdict ``error``.
        """
        try:
            head = stream.read(HEAD)
            if head.startswith(_SCRIPT):
                if _ends_binary(stream):
                    yield from self.carried(stream, name, (carried_by_script(stream),), depth)
                return
            stream.seek(0)
            if not kind_of(head):
                raise NotJudgedError(name, f"{ISO_9660.name}, which cannot be read", ISO_9660.advice)
            yield from self._members(stream, name, kind_of(head), depth)
        except ArchiveError as error:
            yield unjudged_verdict(name, error)

    def carried(self, stream: IO[bytes], name: str, parts: tuple[Carried, ...], depth: int = 1) -> Iterator[Found]:
        """All that a program or script carries; ``stream`` is the whole of it."""
        for kind, offset, size, what, advice in parts:
            if not kind:
                place = f"at offset {offset:#x} ({size} bytes)" if offset else f"({size} bytes)"
                error = NotJudgedError(name, f"carries {what} {place}, which was not looked into", advice)
                yield unjudged_verdict(f"{name}{INSIDE}data at offset {offset:#x}", error)
                continue
            try:
                yield from self._members(_part(stream, offset, size), name, kind, depth)
            except ArchiveError as error:
                yield unjudged_verdict(f"{name}{INSIDE}{kind} at offset {offset:#x}", error)

    def _members(self, stream: IO[bytes], name: str, kind: str, depth: int) -> Iterator[Found]:
        if depth > MAX_DEPTH:
            raise NotJudgedError(name, f"is more than {MAX_DEPTH} archives deep", "unpack it, and name the folder")
        if kind == "static":
            yield from self._static(stream, name, depth)
            return

        def visit(member: Member) -> Iterator[Found]:
            self.seen += 1
            return self._member(member, name, depth)

        outer, self._package = self._package, Package(name, self._package)
        try:
            yield from _each_member(members(stream, name, kind, self._allowance), name, visit)
        finally:
            self._package = outer

    def _static(self, stream: IO[bytes], name: str, depth: int) -> Iterator[Found]:
        """The verdict on a static archive, and those on programs and archives that are in it beside objects."""
        objects: list[Content] = []
        store, pages = Store(), Pages()

        def visit(member: Member) -> Iterator[Found]:
            if len(member.head) >= _ELF_HEADER and sniff(member.head) in ("program", "archive"):
                return self._member(member, name, depth)
            data = store.get(store.put(member, may_share=True))
            objects.append(Content(f"{name}({member.name})", data))
            pages.seen(data)
            return iter(())

        yield from _each_member(members(stream, name, "static"), name, visit)
        yield self._here.static_verdict(StaticArchive(name, tuple(objects)))

    @property
    def _here(self) -> Session:
        """The session for the files of the archive that is being read, by the promise that is known so far."""
        return self._session.for_package(self._package.promise if self._package is not None else None)

    def _member(self, member: Member, archive: str, depth: int) -> Iterator[Found]:
        kind = sniff(member.head)
        if not kind and may_be_iso(member.head) and _is_iso(member):
            raise NotJudgedError(f"{member.archive}: {member.name}", ISO_9660.name, ISO_9660.advice)
        if not kind:
            if self._package is not None:
                self._package.read(member.name, lambda: member.begins(_METADATA))
            return
        inside = _inside(member)
        if self._session.excluded.has(inside):
            return
        name = f"{archive}{INSIDE}{inside}"
        if kind == "fake":
            self._fakes += 1
            if self._fakes <= MAX_BROKEN:
                yield fake_verdict(name, title_of(member.head))
        elif kind == "program":
            yield from self._program(member, name, depth)
        elif kind == "archive" or _carries_data(member):
            with stream_of(member) as stream:
                yield from self.open(stream, name, depth + 1)

    def _program(self, member: Member, name: str, depth: int) -> Iterator[Found]:
        place = self._store.put(member)
        content = self._store.get(place)
        try:
            opened = self._here.open(Content(name, content), True, lambda: Content(name, self._store.get(place)))
        except NotLoadableError:
            return
        except ElfError as error:
            yield FileVerdict(name, "error", error=str(error))
            return
        file = opened.file
        if isinstance(file, FileVerdict):
            yield file
        else:
            self.packages.append(self._package)
            yield self._files.add(file, place)
        if opened.carried:
            yield from self.carried(cast(IO[bytes], View(content)), name, opened.carried, depth + 1)


def _is_iso(member: Member) -> bool:
    try:
        return member.begins(ISO_9660.offset + len(ISO_9660.magic)).endswith(ISO_9660.magic)
    except NotJudgedError:  # a sparse file in a tar, of which only the first bytes are known: a log, a database
        return False


def _carries_data(member: Member) -> bool:
    """True for a script whose last bytes are no text. A small one is in memory afterwards, a large one is not read."""
    return member.size > HEAD and (member.size > 1 << 20 or is_binary(bytes(member.begins(member.size)[-TAIL:])))


def _ends_binary(stream: IO[bytes]) -> bool:
    stream.seek(max(0, stream.seek(0, io.SEEK_END) - TAIL))
    return is_binary(stream.read(TAIL))


def _each_member(found: Iterable[Member], archive: str, visit: Callable[[Member], Iterator[Found]]) -> Iterator[Found]:
    """What ``visit`` finds in each member, and a verdict for each that cannot be read.

    Raises ArchiveError after ``MAX_BROKEN`` of these, and GrowthError at once.
    """
    broken = 0
    for member in found:
        try:
            yield from visit(member)
        except GrowthError:
            raise
        except ArchiveError as error:
            broken += 1
            yield unjudged_verdict(f"{archive}{INSIDE}{member.name}", error)
            if broken == MAX_BROKEN:
                raise _given_up(archive, broken) from None


def _given_up(name: str, broken: int) -> GrowthError:
    return GrowthError(name, f"{broken} members cannot be read; the rest of it is not verified", "unpack it")


def _part(stream: IO[bytes], offset: int, size: int) -> IO[bytes]:
    if isinstance(stream, View):
        return cast(IO[bytes], View(stream.view[offset : offset + size]))
    return cast(IO[bytes], Slice(stream, offset, size))


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


def judge_archive(found: Archive | Carrier | StaticArchive, outer: FileSet, session: Session) -> Iterator[FileVerdict]:
    """The verdict on each file of an archive, or of the data of a program, in its order; its files also find those of
    ``outer``. Nothing is raised: what cannot be read is a verdict ``error``.
    """
    if isinstance(found, StaticArchive):
        yield session.static_verdict(found)
        return
    outer.exports.clear()  # the archive's content needs the memory
    store = Store()
    files = ArchiveFiles(found.path, store, outer, session.forget)
    opener = _Opener(found.path, files, store, session)
    content = list(_open_all(found, opener))
    passed_over: set[Package] = set()
    for each in content:
        package = None if isinstance(each, FileVerdict) else opener.packages[each]
        promise = None if package is None else package.promise
        if package is not None and promise is not None and promise.libc == "musl" and session.checks_promises:
            if package not in passed_over:
                passed_over.add(package)
                yield musl_verdict(package.path, promise)
        else:
            yield each if isinstance(each, FileVerdict) else _judge(each, files, session.for_package(promise))
        files.trim()
    files.close()
    if not content and not opener.seen and isinstance(found, Archive) and found.was_named:
        error = f"{found.path}: compressed, and neither a program nor an archive when it is unpacked; name another file"
        yield from [FileVerdict(found.path, "error", error=error)] * _is_packed(found.path)


def _is_packed(path: str) -> bool:
    return kind_of(read_ends(path)[0]) == "packed"


def _judge(position: int, files: ArchiveFiles, session: Session) -> FileVerdict:
    try:
        return session.verdict(files.open(position), files)
    except ElfError as error:
        return FileVerdict(files.path_of(position), "error", error=str(error))


def _open_all(found: Archive | Carrier, opener: _Opener) -> Iterator[Found]:
    source = found.source if isinstance(found, Carrier) else found.path
    try:
        with _stream_of(source) as stream:
            if isinstance(found, Carrier):
                yield from opener.carried(stream, found.path, found.parts)
            else:
                yield from opener.open(stream, found.path)
    except OSError as error:
        yield unreadable_verdict(found.path, error)


def _stream_of(source: Content | str) -> IO[bytes]:
    return cast(IO[bytes], View(memoryview(source.data))) if isinstance(source, Content) else Path(source).open("rb")
