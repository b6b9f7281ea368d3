"""The verdict as values: a finding, one file's verdict, the report over all files. Every output format is a view of it.

``Kind`` names are stable: they stand in JSON and in users' filters.
"""

from __future__ import annotations

from symver_pin.light import NamedTuple
from symver_pin.maps.platforms import load_platforms, platforms_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from typing import Any, Literal

    from symver_pin.maps.platforms import Platform, Target
    from symver_pin.maps.release import Release

    Kind = Literal[
        # These fail: the loader refuses the file, or it starts wrong.
        "missing-version",
        "missing-symbol",
        "link-time-reference",
        "versions-lost",
        "missing-library",
        "library-not-loaded",
        "glibc-private",
        "dt-relr",
        "constructors-not-run",
        "interpreter",
        "header-refused",
        "broken-library",
        "missing-at-link",
        # These are violations: it may load, but a gate forbids it.
        "above-maximum",
        "library-not-allowed",
        "library-denied",
        "symbol-denied",
        "architecture-not-allowed",
        # These are notes: the file alone does not decide them.
        "provided-by-system",
        "unjudged-symbols",
        "unjudged-start-up",
        "older-meaning",
        "x86-level",
        "kernel-version",
    ]

    FileKind = Literal["executable", "shared library", "static executable", "static archive", "unknown"]
    Verdict = Literal["ok", "fails", "error"]
    _Base = Sequence["Guilty"]
else:
    Kind = FileKind = Verdict = str
    _Base = object

#: The kinds that do not make a verdict negative.
NOTES: frozenset[Kind] = frozenset(
    {"provided-by-system", "unjudged-symbols", "unjudged-start-up", "older-meaning", "x86-level", "kernel-version"}
)

#: The kinds that tell of a gate (``--policy``, ``--max`` ...), not of the loader.
VIOLATIONS: frozenset[Kind] = frozenset(
    {"above-maximum", "library-not-allowed", "library-denied", "symbol-denied", "architecture-not-allowed"}
)

#: Between the path of an archive and that of a member in it.
INSIDE = "!/"


def printable(text: str) -> str:
    """Names come from files that may be hostile: no control character reaches a terminal."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "?" for char in text)


class User(NamedTuple):
    """A place in a file that refers to a symbol, as far as the file and its link map tell."""

    function: str | None
    """The function, or the object with the pointer: as ``.symtab`` has it."""
    source: str | None = None
    """The source file of the first reference, as debug information has it."""
    line: int | None = None
    object: str | None = None
    """The object or archive member (``libnet.a(net.o)``) that it came from, as the link map has it."""

    def __str__(self) -> str:
        where = [f"{self.source}:{self.line}"] if self.source else []
        parts = [part for part in (self.function, *where, self.object) if part]
        return f"{parts[0]} ({', '.join(parts[1:])})" if parts[1:] else parts[0]


class Guilty(NamedTuple):
    """One symbol that a finding is about."""

    name: str
    since: Release | None
    """The first release that exports it with the wanted version; None when no known release does."""
    library: str | None
    """The library that exports it there."""
    older: str | None
    """A version node of the same symbol that the target has, if any: a pin can bind to it."""
    older_library: str | None
    """The library in which the target has that older one."""
    used_by: tuple[User, ...] = ()
    """What in the file refers to it; empty when not asked for, or not to be told."""


class Unexplained(_Base):
    """Symbols of which nothing but the name is told: often a hundred, of which a report for people shows three. They
    are held, and travel to other processes, as names.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, place: Any) -> Any:
        found = self._names[place]
        return _unexplained(found) if isinstance(found, str) else tuple(map(_unexplained, found))

    def __iter__(self) -> Iterator[Guilty]:
        return map(_unexplained, self._names)

    def __eq__(self, other: object) -> bool:
        return self._names == other._names if isinstance(other, Unexplained) else tuple(self) == other

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


def _unexplained(name: str) -> Guilty:
    return tuple.__new__(Guilty, (name, None, None, None, None, ()))


class Finding(NamedTuple):
    """One reason why a file does not load or start as it should, or one thing that the file alone does not decide."""

    kind: Kind
    file: str
    """The file that has the fault: the judged one, or a library that it loads."""
    message: str
    """One line: what the loader will do, or what is not known."""
    advice: str
    """One line: what to do about it; empty when there is nothing to do."""
    library: str | None = None
    version: str | None = None
    since: Release | None = None
    """The first release on which this would not be found, as far as the tables know."""
    symbols: Sequence[Guilty] = ()
    told_there: bool = False
    """Whether ``file`` is another file that is judged too, and its own verdict has this finding."""

    @property
    def fails(self) -> bool:
        """Whether it makes the verdict negative."""
        return self.kind not in NOTES


class FileVerdict(NamedTuple):
    """All that is known about one file."""

    path: str
    verdict: Verdict
    arch: str | None = None
    kind: FileKind = "unknown"
    error: str | None = None
    """Why the file could not be judged: one line for the user; None unless the verdict is ``error``."""
    highest: str | None = None
    """The highest numbered GLIBC_ node that the file itself wants."""
    highest_of: tuple[tuple[str, str], ...] = ()
    """(family, highest node) of every family of nodes wanted: GLIBC, GLIBCXX, GCC ..."""
    lowest_glibc: Release | None = None
    """The lowest release of the tables on which it loads and starts; None when there is none, or nothing to judge."""
    findings: tuple[Finding, ...] = ()
    releases: tuple[Release, ...] = ()
    """The glibc releases that the tables of its architecture know, oldest first."""
    loads: int = 0
    """On which of them it loads and starts: bit 0 is the first. Gates do not count."""

    @property
    def loads_on(self) -> tuple[Release, ...]:
        """The releases on which it loads and starts."""
        return tuple(release for position, release in enumerate(self.releases) if self.loads >> position & 1)

    @property
    def told_here(self) -> tuple[Finding, ...]:
        """The findings that are told of this file, for people; those of ``failing_libraries`` are told of these."""
        return tuple([finding for finding in self.findings if not finding.told_there])

    @property
    def failing_libraries(self) -> tuple[str, ...]:
        """The judged files that it loads and that fail, by their paths."""
        return tuple(dict.fromkeys([finding.file for finding in self.findings if finding.told_there]))

    @property
    def would_load(self) -> bool:
        """Whether no finding but those of gates makes the verdict negative."""
        if self.verdict != "fails":
            return self.verdict == "ok"
        return not any(finding.fails and finding.kind not in VIOLATIONS for finding in self.findings)

    @property
    def runs_on(self) -> tuple[Platform, ...]:
        """The platforms on which it starts, as they were on their first day; none when it could not be judged."""
        if self.verdict == "error":
            return ()
        if self.kind == "static executable":
            return load_platforms()
        return platforms_for(self.lowest_glibc, self.highest_of)


class Report(NamedTuple):
    """The verdicts over all files, for one target."""

    target: Target
    files: tuple[FileVerdict, ...]
    policy: str | None = None
    """The name of the gates that it was held against, None without any."""

    @property
    def errors(self) -> tuple[str, ...]:
        """One line a file that could not be judged, fit for a terminal."""
        return tuple(printable(file.error) for file in self.files if file.error is not None)

    @property
    def exit_status(self) -> int:
        """0 all load, 1 one fails, 2 one could not be judged."""
        return exit_status_of({file.verdict for file in self.files})


def exit_status_of(verdicts: Collection[Verdict]) -> int:
    """0 all load, 1 one fails, 2 one could not be judged."""
    return 2 if "error" in verdicts else int("fails" in verdicts)
