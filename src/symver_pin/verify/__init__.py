"""Would these files load and start on that release, and if not, why: ``verify(paths, target)`` gives a ``Report``.

The loader's rules stand one a file: ``interpreter``, ``libraries``, ``versions``, ``symbols``, ``startup``. They look
at a ``scope`` (what is loaded, in search order) of ``objects`` and what each brings along (``review``), ask the
``tables`` and what libraries have to offer (``offers``), and answer in ``problems``. ``inputs`` opens folders and
archives, ``static`` judges what has yet to be linked, ``gates`` hold a file against a ``policy``.
"""

from __future__ import annotations

import os
import sys

from symver_pin.elf.image import Content, Source
from symver_pin.errors import ElfError
from symver_pin.verify.files import Files
from symver_pin.verify.judgement import Judgement
from symver_pin.verify.model import FileVerdict, Finding, Guilty, Kind, Report
from symver_pin.verify.objects import Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from symver_pin.maps.platforms import Target
    from symver_pin.verify.inputs import Archive, StaticArchive
    from symver_pin.verify.policy import Policy

    Found = Object | FileVerdict | Archive | StaticArchive

    #: Called before each verdict with how many inputs are done, how many there are, and the file's name; before that,
    #: while the inputs are looked up, with 0 and how many there are so far.
    Progress = Callable[[int, int, str], None]

__all__ = ["Content", "FileVerdict", "Finding", "Guilty", "Kind", "Report", "Source", "verify"]

#: From so many files on, a second process is worth its start.
_MANY = 100


def verify(
    sources: Iterable[Source],
    target: Target | str,
    arch: str | None = None,
    policy: Policy | str | None = None,
    progress: Progress | None = None,
    jobs: int = 0,
) -> Report:
    """Judge files as a set (each finds its libraries among the others) for one target.

    A source is a path, or ``Content``: a display name and the bytes. A program or library yields one verdict, a folder
    or an archive one for each that is in it, all in order; a file that cannot be read or is no program yields the
    verdict ``error`` with its reason. ``target`` is a release or platform as ``--glibc`` takes it, or one resolved.
    ``arch`` refuses files of any other architecture. ``policy`` adds gates: a policy, or the name that ``--policy``
    takes. ``jobs`` is the number of processes, 0 for one a processor when there are many files. Raises UsageError when
    the target or policy is unknown or no table of the files' architectures covers the target's release, MapsError when
    a table is broken.

    >>> verify(["/nonexistent"], "2.19").errors
    ('/nonexistent: cannot be read: No such file or directory; check the path and who may read it',)
    """
    if isinstance(target, str):
        from symver_pin.maps.platforms import resolve_target

        target = resolve_target(target)
    if isinstance(policy, str):
        from symver_pin.verify.policy import find_policy

        policy = find_policy(policy)
    judgement = Judgement(target, arch, policy)
    sources = list(sources)
    opened: list[Found] = []
    for source in sources:
        for found in _open(source, judgement, jobs == 1 or (jobs < 1 and len(sources) < _MANY)):
            opened.append(found)
            if progress is not None:
                progress(0, len(opened), found.path)
    judgement.check_tables()
    if jobs < 1:
        jobs = len(os.sched_getaffinity(0)) if len(opened) >= _MANY else 1
    loose = [found for found in opened if isinstance(found, Object)]
    files, this_process = Files(loose), os.getpid()

    def judged(numbered: tuple[int, Found]) -> list[FileVerdict]:
        done, found = numbered
        if progress is not None and os.getpid() == this_process:
            progress(done, len(opened), found.path)
        if isinstance(found, FileVerdict):
            return [found]
        if isinstance(found, Object):
            return [judgement.verdict(found, files)]
        from symver_pin.verify.sets import judge_set

        return judge_set(found, loose, judgement)

    verdicts: Iterable[list[FileVerdict]]
    if jobs > 1:
        from symver_pin.verify.processes import map_in_processes

        verdicts = map_in_processes(judged, list(enumerate(opened)), jobs)
    else:
        verdicts = map(judged, enumerate(opened))
    name = None if policy is None else policy.name
    return Report(target, tuple([verdict for group in verdicts for verdict in group]), name)


def _open(source: Source, judgement: Judgement, read: bool) -> Iterable[Found]:
    """What a source holds; ``read`` what is opened at once: it will be judged by this process."""
    try:
        return (judgement.open(source, read),)
    except ElfError as error:
        name = source.name if isinstance(source, Content) else str(source)
        verdict = FileVerdict(name, "error", error=str(error))
        if isinstance(source, Content):
            return (verdict,)
        from symver_pin.verify.inputs import look_into

        inside = look_into(name, judgement)
        return (verdict,) if inside is None else inside


class _Callable(type(sys)):  # type: ignore[misc]
    """The package and its function have one name; ``from symver_pin import verify`` gives both, whoever comes first."""

    def __call__(self, *arguments: Any, **named: Any) -> Report:
        return verify(*arguments, **named)


sys.modules[__name__].__class__ = _Callable
