"""Would these files load and start on that release, and if not, why: ``verify(paths, target)`` gives a ``Report``.

The loader's rules stand one a file: ``interpreter``, ``libraries``, ``versions``, ``symbols``, ``startup``. They look
at a ``scope`` (what is loaded, in search order) of ``objects``, ask the ``tables``, and answer in ``problems``.
"""

from __future__ import annotations

import sys

from symver_pin.elf.image import Content, Source
from symver_pin.errors import ElfError, UsageError
from symver_pin.maps.platforms import resolve_target
from symver_pin.verify.check import judge
from symver_pin.verify.files import Files
from symver_pin.verify.model import FileVerdict, Finding, Guilty, Kind, Report
from symver_pin.verify.objects import Object
from symver_pin.verify.tables import open_knowledge, open_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from symver_pin.maps.platforms import Target
    from symver_pin.verify.inputs import Archive, StaticArchive
    from symver_pin.verify.policy import Policy
    from symver_pin.verify.tables import Knowledge

    #: Called before each verdict with how many inputs are done, how many there are, and the file's name; before that,
    #: while the inputs are looked up, with 0 and how many there are so far.
    Progress = Callable[[int, int, str], None]

__all__ = ["Content", "FileVerdict", "Finding", "Guilty", "Kind", "Report", "Source", "verify"]



def verify(
    sources: Iterable[Source],
    target: Target | str,
    arch: str | None = None,
    policy: Policy | str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Judge files as a set (each finds its libraries among the others) for one target.

    A source is a path, or ``Content``: a display name and the bytes. A program or library yields one verdict, a folder
    or an archive one for each that is in it, all in order; a file that cannot be read or is no program yields the
    verdict ``error`` with its reason. ``target`` is a release or platform as ``--glibc`` takes it, or one resolved.
    ``arch`` refuses files of any other architecture. ``policy`` adds gates: a policy, or the name that ``--policy``
    takes. Raises UsageError when the target or policy is unknown or the tables do not cover its release, MapsError when
    they are broken.

    >>> verify(["/nonexistent"], "2.19").errors
    ('/nonexistent: cannot be read: No such file or directory; check the path and who may read it',)
    """
    if isinstance(policy, str):
        from symver_pin.verify.policy import find_policy

        policy = find_policy(policy)
    judgement = _Judgement(resolve_target(target) if isinstance(target, str) else target, arch, policy)
    opened: list[Object | FileVerdict | Archive | StaticArchive] = []
    for source in sources:
        for found in _open(source):
            opened.append(found)
            if progress is not None:
                progress(0, len(opened), found.path)
    loose = [found for found in opened if isinstance(found, Object)]
    files = Files(loose)
    verdicts: list[FileVerdict] = []
    for done, found in enumerate(opened):
        if isinstance(found, Object | FileVerdict):
            if progress is not None:
                progress(done, len(opened), found.path)
            verdicts.append(judgement.verdict(found, files))
        else:
            for verdict in judgement.verdicts(found, loose):
                if progress is not None:
                    progress(done, len(opened), verdict.path)
                verdicts.append(verdict)
    return Report(judgement.target, tuple(verdicts), None if policy is None else policy.name)


def _open(source: Source) -> Iterable[Object | FileVerdict | Archive | StaticArchive]:
    try:
        found = Object(source)
    except ElfError as error:
        name = source.name if isinstance(source, Content) else str(source)
        verdict = FileVerdict(name, "error", error=str(error))
        if isinstance(source, Content):
            return (verdict,)
        from symver_pin.verify.inputs import look_into

        inside = look_into(name)
        return (verdict,) if inside is None else inside
    return (found,)


class _Judgement:
    """What all verdicts of one run share."""

    def __init__(self, target: Target, arch: str | None, policy: Policy | None) -> None:
        self.target, self._arch, self._policy = target, arch, policy
        self._known: dict[str, Knowledge | None] = {}

    def verdict(self, found: Object | FileVerdict, files: Files) -> FileVerdict:
        """The verdict of one file, which finds its libraries among others."""
        if isinstance(found, FileVerdict):
            return found
        knowledge = self._knowledge(found.path, found.arch.name)
        if isinstance(knowledge, FileVerdict):
            return knowledge
        verdict = judge(found, files, knowledge, self.target)
        if self._policy is None or verdict.verdict == "error":
            return verdict
        from symver_pin.verify.gates import hold_against

        return hold_against(self._policy, verdict, found, files)

    def verdicts(self, found: Archive | StaticArchive, loose: list[Object]) -> Iterator[FileVerdict]:
        """The verdicts of what an archive holds, which find their libraries in it and among the loose files."""
        from symver_pin.verify.inputs import Archive, open_archive

        content = list(open_archive(found)) if isinstance(found, Archive) else [found]
        files = Files([*loose, *(each for each in content if isinstance(each, Object))])
        for each in content:
            if isinstance(each, Object | FileVerdict):
                yield self.verdict(each, files)
            else:
                yield self._linked(each)

    def _linked(self, archive: StaticArchive) -> FileVerdict:
        from symver_pin.verify.static import Objects, judge_archive, notes

        try:
            objects = Objects(archive)
        except ElfError as error:
            return FileVerdict(archive.path, "error", error=str(error))
        if objects.arch is None:
            return FileVerdict(archive.path, "ok", kind="static archive", findings=tuple(notes(archive, objects, [])))
        knowledge = self._knowledge(archive.path, objects.arch)
        if isinstance(knowledge, FileVerdict):
            return knowledge
        return judge_archive(archive, objects, knowledge, self.target)

    def _knowledge(self, path: str, arch: str) -> Knowledge | FileVerdict:
        """The tables of an architecture; an error's verdict where there are none, or it is not the one asked for."""
        if self._arch not in (None, arch):
            error = f"{path}: is for {arch}, not for {self._arch}; choose the architecture with --arch"
            return FileVerdict(path, "error", arch, error=error)
        if arch not in self._known:
            try:
                self._known[arch] = open_knowledge(arch, self.target.glibc, self.target.gcc)
            except UsageError as outside:
                table = open_table(arch)
                if table is None or self.target.glibc > table.covered.first:
                    raise
                # An architecture younger than the target: its files cannot be judged, all others can.
                return FileVerdict(path, "error", arch, error=f"{path}: {outside}")
        knowledge = self._known[arch]
        if knowledge is None:
            error = f"{path}: no symbol table for its architecture {arch}"
            return FileVerdict(path, "error", arch, error=error)
        return knowledge


class _Callable(type(sys)):  # type: ignore[misc]
    """The package and its function have one name; ``from symver_pin import verify`` gives both, whoever comes first."""

    def __call__(self, *arguments: Any, **named: Any) -> Report:
        return verify(*arguments, **named)


sys.modules[__name__].__class__ = _Callable
