"""Would these files load and start on that release, and if not, why: ``verify(paths, target)`` gives a ``Report``.

The loader's rules stand one a file: ``interpreter``, ``libraries``, ``versions``, ``symbols``, ``startup``. They look
at a ``scope`` (what is loaded, in search order) of ``objects``, ask the ``tables``, and answer in ``problems``.
"""

from __future__ import annotations

from symver_pin.elf.image import Content, Source
from symver_pin.errors import ElfError
from symver_pin.verify.check import judge
from symver_pin.verify.files import Files
from symver_pin.verify.model import FileVerdict, Finding, Guilty, Kind, Report
from symver_pin.verify.objects import Object
from symver_pin.verify.tables import open_knowledge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from symver_pin.maps.platforms import Target
    from symver_pin.verify.tables import Knowledge

__all__ = ["Content", "FileVerdict", "Finding", "Guilty", "Kind", "Report", "Source", "verify"]


def verify(sources: Iterable[Source], target: Target, arch: str | None = None) -> Report:
    """Judge files as a set (each finds its libraries among the others) for one target.

    A source is a path, or ``Content``: a display name and the bytes. Every source yields one verdict, in order; a file
    that cannot be read or is no program yields the verdict ``error`` with its reason. ``arch`` refuses files of any
    other architecture. Raises UsageError when the tables do not cover the target's release, MapsError when they are
    broken.

    >>> from symver_pin.maps.platforms import resolve_target
    >>> verify(["/nonexistent"], resolve_target("2.19")).errors
    ('/nonexistent: cannot be read: No such file or directory; check the path and who may read it',)
    """
    opened = [_open(source, arch) for source in sources]
    files = Files(found for found in opened if isinstance(found, Object))
    known: dict[str, Knowledge | None] = {}
    verdicts = []
    for found in opened:
        if isinstance(found, FileVerdict):
            verdicts.append(found)
            continue
        name = found.arch.name
        if name not in known:
            known[name] = open_knowledge(name, target.glibc, target.gcc)
        knowledge = known[name]
        if knowledge is None:
            error = f"{found.path}: no symbol table for its architecture {name}"
            verdicts.append(FileVerdict(found.path, "error", name, error=error))
        else:
            verdicts.append(judge(found, files, knowledge, target))
    return Report(target, tuple(verdicts))


def _open(source: Source, arch: str | None) -> Object | FileVerdict:
    try:
        found = Object(source)
        if arch is not None and found.arch.name != arch:
            found_arch = found.arch.name
            raise ElfError(f"{found.path}: is for {found_arch}, not for {arch}; choose the architecture with --arch")
    except ElfError as error:
        name = source.name if isinstance(source, Content) else str(source)
        return FileVerdict(name, "error", error=str(error))
    return found
