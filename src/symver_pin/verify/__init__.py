"""Would these files load and start on that release, and if not, why: ``verify(paths, target)`` gives a ``Report``.

The loader's rules stand one a file: ``interpreter``, ``header``, ``libraries``, ``versions``, ``symbols``, ``startup``.
They look at a ``scope`` (what is loaded, in search order) of ``objects`` and what each brings along (``review``), ask
what is known of the target's libraries (``knowledge``, from ``tables``) and what given ones have to offer (``offers``),
and answer in ``problems``; code is read by ``machines``. ``folders`` are walked and ``inputs`` opens archives, both by
what ``heads`` says; ``static`` judges what has yet to be linked, ``gates`` hold a file against a ``policy``,
``callers`` names what uses a guilty symbol. Many files are shared by ``processes``, which tell each other what
``travel`` makes of an opened one.
"""

from __future__ import annotations

import os
import sys

from symver_pin.elf.source import Content, Source, is_folder
from symver_pin.errors import ElfError, NotLoadableError
from symver_pin.verify.files import Files
from symver_pin.verify.judgement import Judgement
from symver_pin.verify.model import FileVerdict, Finding, Guilty, Kind, Report
from symver_pin.verify.objects import Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, Protocol, TypeVar

    from symver_pin.maps.platforms import Target
    from symver_pin.verify.inputs import Archive, StaticArchive
    from symver_pin.verify.policy import Policy

    Found = Object | FileVerdict | Archive | StaticArchive

    #: Called with how many inputs are judged, how many there are, and the name of one that is opened or judged next;
    #: with 0, 0 and the folder's name while folders are looked through for them.
    Progress = Callable[[int, int, str], None]

    T = TypeVar("T")
    R = TypeVar("R")

    #: A source, and whether it was found in a folder.
    Candidate = tuple[Content | str | Found, bool]

    #: Opens all candidates; the results in order.
    Opening = Callable[[Callable[[Candidate], Found | None], Sequence[Candidate]], list[Found | None]]

    class Step(Protocol):
        """Does one thing to many items; the results in order."""

        def __call__(self, work: Callable[[T], R], items: Sequence[T]) -> list[R]: ...


__all__ = ["Content", "FileVerdict", "Finding", "Guilty", "Kind", "Report", "Source", "judge_each", "verify"]

#: From so many files on, whole tables are worth reading, and each so many of them another process.
_MANY, _EACH = 100, 50
#: An archive of so many bytes is worth another process too.
_LARGE = 1 << 20
#: More processes than this have too many pipes.
_MOST_JOBS = 64


def verify(
    sources: Iterable[Source],
    target: Target | str,
    arch: str | None = None,
    policy: Policy | str | None = None,
    progress: Progress | None = None,
    jobs: int = 1,
    callers: bool = False,
    link_maps: Mapping[str, str] | None = None,
) -> Report:
    """Judge files as a set (each finds its libraries among the others) for one target.

    A source is a path, or ``Content``: a display name and the bytes. A program or library yields one verdict, a folder
    or an archive one for each that is in it, all in order; a file that cannot be read or is no program yields the
    verdict ``error`` with its reason. ``target`` is a release or platform as ``--glibc`` takes it, or one resolved.
    ``arch`` refuses files of any other architecture. ``policy`` adds gates: a policy, or the name that ``--policy``
    takes. ``jobs`` is the number of processes, 0 for one a processor when there are many files; ``callers`` looks for
    what uses a missing symbol, some 0.1 s for a megabyte of code; so do ``link_maps``, which names the map of a file's
    link by the file's path. Raises UsageError when the target or policy is unknown, a map is none, or no table of the
    files' architectures covers the target's release, MapsError when a table is broken.

    >>> verify(["/nonexistent"], "2.19").errors
    ('/nonexistent: cannot be read: No such file or directory; check the path and who may read it',)
    """
    if isinstance(target, str):
        from symver_pin.maps.platforms import resolve_target

        target = resolve_target(target)
    if isinstance(policy, str):
        from symver_pin.verify.policy import find_policy

        policy = find_policy(policy)
    files = judge_each(sources, target, _as_it_is, arch, policy, progress, jobs, callers, link_maps)
    return Report(target, tuple(files), None if policy is None else policy.name)


def _as_it_is(verdict: FileVerdict) -> FileVerdict:
    return verdict


def judge_each(
    sources: Iterable[Source],
    target: Target,
    view: Callable[[FileVerdict], R],
    arch: str | None = None,
    policy: Policy | None = None,
    progress: Progress | None = None,
    jobs: int = 1,
    callers: bool = False,
    link_maps: Mapping[str, str] | None = None,
) -> list[R]:
    """What ``view`` makes of each verdict of ``verify``, in order.

    It is made in the process that judged the file: a line of text is sooner sent than a verdict.
    """
    candidates = _candidates(sources, progress)
    are_many = len(candidates) >= _MANY
    maps = {}
    for file, path in (link_maps or {}).items():
        from symver_pin.verify.link_map import read_link_map

        maps[file] = read_link_map(path)
    judgement = Judgement(target, arch, policy, callers, maps, are_many)
    if jobs < 1:
        worth = len(candidates) // _EACH if are_many else _count_large_archives(candidates)
        jobs = min(len(os.sched_getaffinity(0)), worth)
    if jobs > 1 and len(candidates) > 1:
        from symver_pin.verify import travel
        from symver_pin.verify.processes import Team

        with Team(min(jobs, len(candidates), _MOST_JOBS)) as team:
            return _judge(
                candidates, judgement, view, progress, lambda work, items: team.share(work, items, travel), team.collect
            )
    return _judge(candidates, judgement, view, progress, _map, _map)


def _judge(
    candidates: Sequence[Candidate],
    judgement: Judgement,
    view: Callable[[FileVerdict], R],
    progress: Progress | None,
    share: Opening,
    collect: Step,
) -> list[R]:
    """All verdicts, in two steps over all files: open each, then judge each among them."""
    this_process = os.getpid()

    def tell(done: int, path: str) -> None:
        if progress is not None and os.getpid() == this_process:
            progress(done, len(candidates), path)

    def opened(candidate: Candidate) -> Found | None:
        source, is_walked = candidate
        tell(0, source.name if isinstance(source, Content) else source if isinstance(source, str) else source.path)
        return _open(source, is_walked, judgement)

    inputs = share(opened, candidates)
    for (source, _is_walked), found in zip(candidates, inputs, strict=True):
        if isinstance(source, Content) and isinstance(found, Object):
            found.attach(source)
    loose = [found for found in inputs if isinstance(found, Object)]
    for arch in sorted({found.arch.name for found in loose}):
        judgement.open_tables(arch)
    judgement.check_tables()
    judgement.check_maps(inputs)
    files = Files(loose)

    def judged(item: tuple[int, Found | None]) -> list[R]:
        done, found = item
        if found is None:
            return []
        tell(done, found.path)
        if isinstance(found, FileVerdict):
            return [view(found)]
        if isinstance(found, Object):
            return [view(judgement.verdict(found, files))]
        from symver_pin.verify.sets import judge_set

        return list(map(view, judge_set(found, files, judgement)))

    return [made for group in collect(judged, list(enumerate(inputs))) for made in group]


def _map(work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """A step in this process alone."""
    return [work(item) for item in items]


def _candidates(sources: Iterable[Source], progress: Progress | None) -> list[Candidate]:
    """Each source, and whether it was found in a folder: what is named must be something that can be judged."""
    found: list[Candidate] = []

    def tell(folder: str) -> None:
        if progress is not None:
            progress(0, 0, folder)

    for source in sources:
        if isinstance(source, Content):
            found.append((source, False))
        elif not is_folder(source):
            found.append((str(source), False))
        else:
            from symver_pin.verify.folders import walk

            found += [(each, True) for each in walk(str(source), tell)]
    return found


def _count_large_archives(candidates: Sequence[Candidate]) -> int:
    """How many archives there are that take long, among several candidates."""
    count = 0
    for source, _is_walked in candidates if len(candidates) > 1 else ():
        path = source if isinstance(source, str) else getattr(source, "path", None)
        if path is not None and _is_large_archive(path):
            count += 1
    return count


def _is_large_archive(path: str) -> bool:
    try:
        if os.stat(path).st_size < _LARGE:
            return False
        from symver_pin.verify.heads import is_archive, read_head

        return is_archive(read_head(path))
    except (OSError, ValueError):  # whoever opens it says so
        return False


def _open(source: Content | str | Found, is_walked: bool, judgement: Judgement) -> Found | None:
    """What a source is; None for an ELF file that is no program, when it was not named."""
    if not isinstance(source, Content | str):
        return source
    try:
        return judgement.open(source)
    except ElfError as error:
        if is_walked and isinstance(error, NotLoadableError):
            return None
        name = source.name if isinstance(source, Content) else source
        verdict = FileVerdict(name, "error", error=str(error))
        if is_walked or isinstance(source, Content):
            return verdict
        from symver_pin.verify.inputs import look_into

        return look_into(name) or verdict


class _Callable(type(sys)):  # type: ignore[misc]
    """The package and its function have one name; ``from symver_pin import verify`` gives both, whoever comes first."""

    def __call__(self, *arguments: Any, **named: Any) -> Report:
        return verify(*arguments, **named)


sys.modules[__name__].__class__ = _Callable
