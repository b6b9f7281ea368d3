"""Judge one package that lies on the local disk: the rows of ``files``, ``requirements`` and ``findings``.

The verdicts are those of ``verifier.run``, once for each target, since findings are about one target. The verdict on
all releases does not depend on the target, so the rows of ``files`` are written in the last of these runs. A file of
an architecture whose tables do not reach a target is judged once more, at a release that every table has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from symver_pin.elf.records import Import
from symver_pin.errors import ElfError, UsageError
from symver_pin.fleet.schema import Row, clean, number_of
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.glibc.release import Release
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.target_system import PRIVATE_NODE
from symver_pin.loader.verdict import INSIDE, FileVerdict, Finding
from symver_pin.verifier.given_files import FileSet
from symver_pin.verifier.run import verify_each
from symver_pin.verifier.session import Session

AddRow = Callable[[str, Row], None]
"""Called with the name of a table and a row of it."""


class FileRecord(NamedTuple):
    """What a file's row needs beside its verdict."""

    path: str
    imports: Sequence[Import]
    """The imports with a version; empty where the tables are broken, which the verdict says."""
    bare_nodes: Sequence[tuple[str, str]]
    """(library, version node) of the version needs that no symbol carries."""


class RecordingSession(Session):
    """A session that also keeps the imports of the file that was judged last."""

    def __init__(self, target: Target, maps: Maps, is_recording: bool) -> None:
        super().__init__(target, maps, digests=is_recording)
        self._is_recording = is_recording
        self.last: FileRecord | None = None

    def verdict(self, found: LoadedObject, files: FileSet) -> FileVerdict:
        """The verdict on one file; ``last`` is about it afterwards."""
        self.last = _record(found) if self._is_recording else None
        return super().verdict(found, files)


def _record(file: LoadedObject) -> FileRecord:
    try:
        imports = [each for each in file.imports() if each.version is not None]
        used = {(each.library, each.version) for each in imports}
        bare = [(need.library, need.version) for need in file.needs if (need.library, need.version) not in used]
    except ElfError:
        imports, bare = [], []
    return FileRecord(file.path, imports, bare)


class PackageJudge:
    """Judges packages for some targets. It keeps the symbol tables as verifications need them, so that the children of
    a process that has judged one package begin with them.
    """

    def __init__(self, targets: Sequence[Target], maps: Maps) -> None:
        """``targets``: at least one."""
        self._maps = maps
        self._sessions = [RecordingSession(target, maps, target is targets[-1]) for target in targets]

    def judge(self, path: str, package: str, add: AddRow) -> int:
        """Add the rows of a package at ``path``, which they call ``package``; returns the number of rows in ``files``.

        Raises MapsError for broken tables.
        """
        run = _Run(path, package, self._maps, add)
        for session in self._sessions:
            run.judge(session, writes_files=session is self._sessions[-1])
        run.judge_uncovered()
        return run.files


class _Run:
    """The verifications of one package."""

    def __init__(self, path: str, package: str, maps: Maps, add: AddRow) -> None:
        self._path, self._package, self._maps, self._add = path, package, maps, add
        self._fails: dict[str, list[str]] = {}
        self._uncovered: set[str] = set()
        self._is_all_uncovered = False
        self.files = 0

    def judge(self, session: RecordingSession, writes_files: bool) -> None:
        """Add the findings for one target, and the files with their requirements in the last run."""
        target = session.target
        try:
            for verdict in verify_each([self._path], session, _same):
                if _is_uncovered(verdict, target, self._maps):
                    self._uncovered.add(verdict.path)
                    continue
                self._add_findings(verdict, target)
                if verdict.verdict == "fails":
                    self._fails.setdefault(verdict.path, []).append(target.label)
                if writes_files:
                    self._add_file(verdict, session)
        except UsageError:  # before the first verdict: no table of its architectures covers the target
            self._is_all_uncovered = writes_files

    def judge_uncovered(self) -> None:
        """Add the files of architectures whose tables do not reach the targets."""
        if not self._uncovered and not self._is_all_uncovered:
            return
        session = RecordingSession(self._maps.target(str(_common_release(self._maps))), self._maps, True)
        for verdict in verify_each([self._path], session, _same):
            if self._is_all_uncovered or verdict.path in self._uncovered:
                self._add_file(verdict, session)

    def _add_file(self, verdict: FileVerdict, session: RecordingSession) -> None:
        self.files += 1
        record = session.last if session.last is not None and session.last.path == verdict.path else None
        member, is_judged = self._member(verdict.path), verdict.verdict in ("ok", "fails")
        self._add(
            "files",
            {
                "package": self._package,
                "member": member,
                "sha256": verdict.sha256,
                "architecture": verdict.arch,
                "kind": verdict.kind,
                "verdict": "judged" if is_judged else verdict.verdict,
                "error": self._named(verdict.error),
                "lowest_glibc": _text(verdict.lowest_glibc),
                "lowest_glibc_number": number_of(verdict.lowest_glibc),
                "loads_on": [str(release) for release in verdict.loads_on],
                "runs_on": [platform.id for platform in verdict.runs_on],
                "fails_on": self._fails.get(verdict.path, []),
                "highest_nodes": list(map(_clean_pair, verdict.highest_of)),
                "needed": [clean(library.name) for library in verdict.needed],
            },
        )
        if record is not None and verdict.arch is not None:
            for row in _requirements(record, verdict.arch, session.maps):
                self._add("requirements", {"package": self._package, "member": member, **row})

    def _add_findings(self, verdict: FileVerdict, target: Target) -> None:
        for finding in verdict.findings:
            self._add("findings", self._finding(finding, verdict.path, target))

    def _finding(self, finding: Finding, path: str, target: Target) -> Row:
        return {
            "package": self._package,
            "member": self._member(path),
            "target": target.label,
            "kind": finding.kind,
            "fails": finding.fails,
            "file": self._named(self._member(finding.file) or None) or self._package,
            "message": self._named(finding.message),
            "advice": self._named(finding.advice),
            "library": self._named(finding.library),
            "version": clean(finding.version),
            "since": _text(finding.since),
            "symbols": [clean(symbol.name) for symbol in finding.symbols],
            "of_dependency": finding.reported_by_dependency,
        }

    def _member(self, path: str) -> str:
        """The path in the package; "" for the package itself."""
        return clean(path.removeprefix(self._path).removeprefix(INSIDE)) or ""

    def _named(self, text: str | None) -> str | None:
        """A text in which the package has its own name in place of its path on this disk."""
        return None if text is None else clean(text.replace(self._path, self._package))


def _same(verdict: FileVerdict) -> FileVerdict:
    return verdict


def _text(release: Release | None) -> str | None:
    return None if release is None else str(release)


def _clean_pair(pair: tuple[str, str]) -> tuple[str | None, str | None]:
    return clean(pair[0]), clean(pair[1])


def _is_uncovered(verdict: FileVerdict, target: Target, maps: Maps) -> bool:
    """True if the tables of a file's architecture do not reach the target, which is why there is no verdict."""
    arch = verdict.arch
    is_known = verdict.verdict == "error" and arch is not None and maps.has_table(arch)
    return is_known and arch is not None and target.glibc not in maps.table(arch).covered


def _common_release(maps: Maps) -> Release:
    """The newest release that the tables of all architectures cover."""
    return min(maps.table(name).covered.last for name in maps.architectures)


def _requirements(record: FileRecord, arch: str, maps: Maps) -> Iterator[Row]:
    """The rows of a file's imports with a version, each (symbol, version, library) once."""
    seen: set[tuple[str | None, str, str]] = set()
    named = [(each.name, each.version or "", each.library or "", each.weak) for each in record.imports]
    bare = [(None, version, library, False) for library, version in record.bare_nodes]
    for symbol, version, library, weak in (*named, *bare):
        if (symbol, version, library) in seen:
            continue
        seen.add((symbol, version, library))
        since = since_of(maps, arch, library, symbol, version)
        yield {
            "architecture": arch,
            "symbol": clean(symbol),
            "version": clean(version),
            "library": clean(library),
            "weak": weak,
            "since": _text(since),
            "since_number": number_of(since),
        }


@lru_cache(maxsize=1 << 16)
def since_of(maps: Maps, arch: str, library: str, symbol: str | None, version: str) -> Release | None:
    """The first glibc release in which one of glibc's libraries exports a symbol with a version node; for None the
    first in which ``library`` defines the node. None when the tables do not have it, and for libraries of others.
    """
    table = maps.table(arch)
    named = table.library(library)
    if named is None or version == PRIVATE_NODE:
        return None
    if symbol is None:
        return table.axis.first(named.nodes.get(version, 0))
    name, found = symbol.encode("utf-8", "surrogateescape"), 0
    for soname in table.sonames:
        history = table.library(soname)
        found |= 0 if history is None else history.exporting(name, version)
    return table.axis.first(found)
