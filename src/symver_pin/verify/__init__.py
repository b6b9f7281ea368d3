"""Would these files load and start on that release, and if not, why: ``verify(paths, target)`` gives a ``Report``.

The loader's rules stand one a file: ``interpreter``, ``libraries``, ``versions``, ``symbols``, ``startup``. They look
at a ``scope`` (what is loaded, in search order) of ``objects`` and what each brings along (``review``), ask the
``tables`` and what libraries have to offer (``offers``), and answer in ``problems``.
"""

from __future__ import annotations

import os

from symver_pin.elf.image import Content, Source
from symver_pin.errors import ElfError, UsageError
from symver_pin.verify.check import judge
from symver_pin.verify.files import Files
from symver_pin.verify.model import FileVerdict, Finding, Guilty, Kind, Report
from symver_pin.verify.objects import Object
from symver_pin.verify.review import review_of
from symver_pin.verify.tables import open_knowledge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeVar

    from symver_pin.maps.platforms import Target
    from symver_pin.verify.tables import Knowledge

    T = TypeVar("T")
    R = TypeVar("R")

__all__ = ["Content", "FileVerdict", "Finding", "Guilty", "Kind", "Report", "Source", "verify"]

#: From so many files on, a second process is worth its start.
_MANY = 100


def verify(
    sources: Iterable[Source], target: Target, arch: str | None = None, jobs: int = 1, callers: bool = False
) -> Report:
    """Judge files as a set (each finds its libraries among the others) for one target.

    A source is a path, or ``Content``: a display name and the bytes. Every source yields one verdict, in order; a file
    that cannot be read or is no program yields the verdict ``error`` with its reason. ``arch`` refuses files of any
    other architecture. ``jobs`` is the number of processes, 0 for one a processor when there are many files;
    ``callers`` looks for the functions that use what is missing, some 0.1 s for a megabyte of code. Raises UsageError
    when no table of the files' architectures covers the target's release, MapsError when a table is broken.

    >>> from symver_pin.maps.platforms import resolve_target
    >>> verify(["/nonexistent"], resolve_target("2.19")).errors
    ('/nonexistent: cannot be read: No such file or directory; check the path and who may read it',)
    """
    tables = _Tables(target)
    sources = list(sources)
    if jobs < 1:
        jobs = len(os.sched_getaffinity(0)) if len(sources) >= _MANY else 1
    if jobs > 1:
        from symver_pin.verify.processes import map_in_processes as over
    else:
        over = _map
    opened = over(lambda source: _open(source, arch, tables), sources, jobs)
    for source, found in zip(sources, opened, strict=True):
        if isinstance(found, Object):
            found.attach(source)
            tables.of(found.arch.name)
    if tables.refused and not any(tables.known.values()):
        raise tables.refused[0]
    files = Files(found for found in opened if isinstance(found, Object))

    def judged(found: Object | FileVerdict) -> FileVerdict:
        if not isinstance(found, Object):
            return found
        verdict = judge(found, files, tables.of(found.arch.name), target)
        if callers and verdict.verdict == "fails":
            from symver_pin.verify.callers import name_callers

            verdict = name_callers(verdict, found)
        return verdict

    return Report(target, tuple(over(judged, opened, jobs)))


def _map(work: Callable[[T], R], items: Sequence[T], jobs: int) -> list[R]:
    """``map_in_processes`` in this process alone."""
    return [work(item) for item in items]


class _Tables:
    """The tables of each architecture that turns up."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.known: dict[str, Knowledge | None] = {}
        self.refused: list[UsageError] = []
        """Why an architecture's table does not do."""

    def of(self, arch: str) -> Knowledge:
        """The tables of an architecture. Raises ElfError when there are none for the target."""
        if arch not in self.known:
            self.known[arch] = None
            try:
                self.known[arch] = open_knowledge(arch, self._target.glibc, self._target.gcc)
            except UsageError as error:
                self.refused.append(error)
        knowledge = self.known[arch]
        if knowledge is None:
            raise ElfError(f"no symbol table for its architecture {arch} that has glibc {self._target.glibc}")
        return knowledge


def _open(source: Source, arch: str | None, tables: _Tables) -> Object | FileVerdict:
    found: Object | None = None
    try:
        found = Object(source)
        name = found.arch.name
        if arch is not None and name != arch:
            raise ElfError(f"{found.path}: is for {name}, not for {arch}; choose the architecture with --arch")
        try:
            knowledge = tables.of(name)
        except ElfError as error:
            raise ElfError(f"{found.path}: {error}") from None
        if found.kind != "static executable":
            review_of(found, knowledge)
        found.close()
    except ElfError as error:
        path = source.name if isinstance(source, Content) else str(source)
        return FileVerdict(path, "error", found.arch.name if found is not None else None, error=str(error))
    return found
