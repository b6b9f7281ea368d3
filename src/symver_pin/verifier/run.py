"""One verification: find the inputs, open them, judge each among the others, report."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import NamedTuple, TypeVar

from symver_pin.elf.image import Content, Source, name_of
from symver_pin.errors import ElfError, NotLoadableError
from symver_pin.glibc.maps import Maps, default_maps
from symver_pin.glibc.platforms import Target
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.verdict import FileVerdict
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import find_arch
from symver_pin.verifier.discovery.candidates import Archive, Carrier, StaticArchive
from symver_pin.verifier.discovery.excluded import Excluded
from symver_pin.verifier.discovery.folders import walk
from symver_pin.verifier.discovery.sniff import is_archive, read_head
from symver_pin.verifier.given_files import FileSet
from symver_pin.verifier.policies.policy import Policy
from symver_pin.verifier.policies.table import find_policy
from symver_pin.verifier.pool import Pool
from symver_pin.verifier.references.link_map import read_link_map
from symver_pin.verifier.report import Report
from symver_pin.verifier.session import NO_PROMISES, PromiseRules, Session

R = TypeVar("R")

TAG, NO_POLICY = "tag", "none"
"""Names for ``--policy``: compare packages with their own promises, which is the default; or with nothing."""

Progress = Callable[[int, int, str], None]
"""Called with the number of inputs that are done, the number of all, and the name of one; with 0, 0 and the name of a
folder while folders are walked."""

Input = LoadedObject | FileVerdict | Archive | Carrier | StaticArchive

_MANY_FILES, _FILES_PER_PROCESS = 100, 50
"""From this many files on more processes are started, one for each so many files."""
_LARGE_ARCHIVE = 1 << 20
"""An archive of this many bytes is worth a process of its own."""
_MOST_JOBS = 64


class _Candidate(NamedTuple):
    """One input that is not opened yet."""

    source: Content | str | Archive | FileVerdict
    was_named: bool
    """False for a file that was found in a folder: it is passed over when it is not a program."""

    @property
    def path(self) -> str:
        """Its path or name."""
        source = self.source
        return name_of(source) if isinstance(source, Content | str) else source.path


def verify(
    sources: Iterable[Source],
    target: Target | str,
    arch: str | None = None,
    policy: Policy | str | None = None,
    progress: Progress | None = None,
    jobs: int = 1,
    callers: bool = False,
    link_maps: Mapping[str, str] | None = None,
    maps: Maps | None = None,
    exclude: Iterable[str] = (),
) -> Report:
    """Verify files as a set (each finds its libraries among the others) for one target.

    ``sources`` are paths, or ``Content``: a display name and the bytes. A program or library yields one verdict, a
    folder or an archive one for each file in it, all in order. A file that cannot be read, or was named and is not a
    program, yields the verdict ``error`` with its reason.

    ``target`` is a release or platform as ``--glibc`` takes it, or a resolved one. ``arch`` refuses files of any other
    architecture. ``policy`` is a policy, or the name that ``--policy`` takes; without one the files of a package are
    compared with what it promises (``symver_pin.promises``), and "none" leaves that out. ``jobs`` is the number of
    processes; 0 starts one for each processor when there are many files. ``callers`` looks for the code that refers to
    a missing symbol, about 0.1 s for a megabyte of code; so does ``link_maps``, from the path of a file to the path of
    the map of its link. ``maps`` are the symbol tables, the shipped ones by default. ``exclude`` are globs of files and
    folders that are passed over in folders and archives, as for ``--exclude``.

    Raises UsageError when the target, architecture or policy is unknown, a link map is not one, or no table of the
    files' architectures covers the target; MapsError when a table is broken.

    >>> verify(["/nonexistent"], "2.19").errors
    ('/nonexistent: cannot be read: No such file or directory; check the path and who may read it',)
    """
    maps = maps or default_maps()
    if isinstance(target, str):
        target = maps.target(target)
    promises = PromiseRules() if policy in (None, TAG) else NO_PROMISES
    if isinstance(policy, str):
        policy = chosen_policy(policy, maps)
    session = open_session(target, maps, arch, policy, callers, link_maps, exclude, promises)
    files = verify_each(sources, session, _same, progress, jobs)
    return Report(target, tuple(files), None if policy is None else policy.name, maps.platforms)


def chosen_policy(name: str, maps: Maps) -> Policy | None:
    """The policy that ``--policy`` names; None for ``tag`` and ``none``. Raises UsageError for an unknown one."""
    return None if name in (TAG, NO_POLICY) else find_policy(name, maps)


def _same(verdict: FileVerdict) -> FileVerdict:
    return verdict


def open_session(
    target: Target,
    maps: Maps,
    arch: str | None = None,
    policy: Policy | None = None,
    callers: bool = False,
    link_maps: Mapping[str, str] | None = None,
    exclude: Iterable[str] = (),
    promises: PromiseRules = NO_PROMISES,
    digests: bool = False,
) -> Session:
    """A session with the link maps read; see ``verify``."""
    only: Arch | None = None if arch is None else find_arch(arch)
    read = {file: read_link_map(path) for file, path in (link_maps or {}).items()}
    return Session(target, maps, only, policy, callers, read, Excluded(exclude), promises, digests)


def verify_each(
    sources: Iterable[Source],
    session: Session,
    view: Callable[[FileVerdict], R],
    progress: Progress | None = None,
    jobs: int = 1,
) -> Iterator[R]:
    """Yields ``view(verdict)`` for each verdict of ``verify``, in order, as soon as it is made.

    Views are made in the process that judged the file: a line of text is sent back sooner than a verdict. Raises
    UsageError before the first verdict, as ``verify`` does.
    """
    candidates = _find_candidates(sources, session, progress)
    # One process does all in order: only several begin with what takes long.
    large = [position for position, each in enumerate(candidates) if jobs != 1 and _is_large_archive(each)]
    jobs = _number_of_jobs(jobs, len(candidates), len(large))
    inputs = [_open(candidate, session, keep_facts=jobs == 1) for candidate in candidates]
    session.check_tables()
    opened = [each for group in inputs for each in group]
    session.check_link_maps(opened)
    files = FileSet([found for found in opened if isinstance(found, LoadedObject)])

    def judge(group: list[Input]) -> Iterator[R]:
        for found in group:
            yield from map(view, _verdicts(found, files, session))

    finished = count()

    def report_progress(position: int) -> None:
        if progress is not None:
            progress(next(finished), len(candidates), candidates[position].path)

    yield from Pool(judge, inputs, jobs).run(large, report_progress)


def _verdicts(found: Input, files: FileSet, session: Session) -> Iterator[FileVerdict]:
    if isinstance(found, FileVerdict):
        yield found
    elif isinstance(found, LoadedObject):
        yield session.verdict(found, files)
    else:
        from symver_pin.verifier.inputs import judge_archive  # 60 ms, and most runs open no archive

        yield from judge_archive(found, files, session)


def _number_of_jobs(jobs: int, files: int, large_archives: int) -> int:
    if jobs < 1:
        useful = files // _FILES_PER_PROCESS if files >= _MANY_FILES else large_archives
        jobs = min(len(os.sched_getaffinity(0)), useful)
    return max(1, min(jobs, files, _MOST_JOBS))


def _find_candidates(sources: Iterable[Source], session: Session, progress: Progress | None) -> list[_Candidate]:
    found: list[_Candidate] = []

    def report_folder(folder: str) -> None:
        if progress is not None:
            progress(0, 0, folder)

    for source in sources:
        if isinstance(source, Content):
            found.append(_Candidate(source, True))
        elif not _is_folder(source):
            found.append(_Candidate(str(source), True))
        else:
            excluded = session.excluded.below(str(source))
            found += [_Candidate(each, False) for each in walk(str(source), report_folder, excluded)]
    return found


def _is_folder(path: Path | str) -> bool:
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):  # opening it gives the reason
        return False


def _is_large_archive(candidate: _Candidate) -> bool:
    if isinstance(candidate.source, Content | FileVerdict):
        return False
    try:
        return Path(candidate.path).stat().st_size >= _LARGE_ARCHIVE and is_archive(read_head(candidate.path))
    except (OSError, ValueError):  # opening it gives the reason
        return False


def _open(candidate: _Candidate, session: Session, keep_facts: bool) -> list[Input]:
    """The opened input, and the data that it carries; nothing for a file in a folder that is an ELF file and not a
    program.

    ``keep_facts``: read all that a verdict needs now, not when the file is judged.
    """
    source = candidate.source
    if not isinstance(source, Content | str):
        return [source]
    try:
        opened = session.open(source, keep_facts)
        if isinstance(opened.file, LoadedObject):
            opened.file.was_named = candidate.was_named
    except ElfError as error:
        if isinstance(error, NotLoadableError) and not candidate.was_named:
            return []
        verdict = FileVerdict(name_of(source), "error", error=str(error))
        if isinstance(source, Content) or not candidate.was_named:
            return [verdict]
        from symver_pin.verifier.inputs import look_into

        return [look_into(source) or verdict]
    return [opened.file, *([Carrier(source, opened.carried)] if opened.carried else [])]
