"""The verdict on one file as a value: findings, the releases and the platforms on which it loads. Every output format
is a view of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from symver_pin.findings import NOTES, UNJUDGED, VIOLATIONS
from symver_pin.glibc.platforms import Platform, Target
from symver_pin.glibc.release import Release, ReleaseSet

FileKind = Literal["executable", "shared library", "static executable", "static archive", "unknown"]
Verdict = Literal["ok", "fails", "error", "skipped"]
"""``error``: it could not be verified. ``skipped``: a file that was found in a folder or archive, looked like an input
and is none, or a package for musl; its finding says why."""

Origin = Literal["glibc", "gcc", "lsb", "system", "given"]
"""``glibc``: a library of glibc. ``gcc``: a runtime library of GCC. ``lsb``: one that the Linux Standard Base lists.
``system``: any other library of the target system. ``given``: one of the verified files, or one beside the file."""

INSIDE = "!/"
"""Stands between the path of an archive and that of a member in it."""


def printable(text: str) -> str:
    """The text with every control character replaced by "?": names come from files that may be hostile."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "?" for char in text)


class User(NamedTuple):
    """A place in a file that refers to a symbol."""

    function: str | None
    """The function, or the object with the pointer, by ``.symtab``."""
    source: str | None = None
    """The source file of the first reference, by debug information."""
    line: int | None = None
    object: str | None = None
    """The object or archive member (``libnet.a(net.o)``) that it came from, by the link map."""

    def __str__(self) -> str:
        where = [f"{self.source}:{self.line}"] if self.source else []
        parts = [part for part in (self.function, *where, self.object) if part]
        return f"{parts[0]} ({', '.join(parts[1:])})" if parts[1:] else parts[0]


class SymbolInfo(NamedTuple):
    """One symbol of a finding."""

    name: str
    since: Release | None
    """The first release that exports it with the needed version; None when no known release does."""
    library: str | None
    """The library that exports it there."""
    older: str | None
    """A version node of the same symbol that the target has, if any: a pin can bind to it."""
    older_library: str | None
    """The library in which the target has that older one."""
    used_by: tuple[User, ...] = ()
    """The places in the file that refer to it; empty when they were not looked for, or are not known."""


class SymbolNames(Sequence[SymbolInfo]):
    """Symbols for which only the name is known. Stored as bare strings: a report may hold hundreds and prints a few."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, place: Any) -> Any:
        found = self._names[place]
        return _only_named(found) if isinstance(found, str) else tuple(map(_only_named, found))

    def __iter__(self) -> Iterator[SymbolInfo]:
        return map(_only_named, self._names)

    def __eq__(self, other: object) -> bool:
        return tuple(self) == (tuple(other) if isinstance(other, SymbolNames) else other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


def _only_named(name: str) -> SymbolInfo:
    return SymbolInfo(name, None, None, None, None)


class Finding(NamedTuple):
    """One reason why a file does not load or start as it should, or one fact that the file alone does not decide."""

    kind: str
    """A name of ``findings.KINDS``."""
    file: str
    """The file that has the fault: the verified file, or a library that it loads."""
    message: str
    """One line: the loader's reaction, or what could not be determined."""
    advice: str
    """One line: what to do about it; "" when there is nothing to do."""
    library: str | None = None
    version: str | None = None
    since: Release | None = None
    """The first release on which this finding would not be made, as far as the tables know."""
    symbols: Sequence[SymbolInfo] = ()
    reported_by_dependency: bool = False
    """True if ``file`` is another verified file whose own verdict has this finding."""

    @property
    def fails(self) -> bool:
        """True if it makes the verdict negative."""
        return self.kind not in NOTES and self.kind not in UNJUDGED


class NeededLibrary(NamedTuple):
    """A library that DT_NEEDED of a file names."""

    name: str
    origin: Origin
    """Where it comes from."""


def members_of(chosen: ReleaseSet, releases: tuple[Release, ...]) -> tuple[Release, ...]:
    """The releases of a set, oldest first."""
    return tuple(release for position, release in enumerate(releases) if chosen >> position & 1)


def release_spans(chosen: ReleaseSet, releases: tuple[Release, ...]) -> str:
    """A set of glibc releases for people; "" for the empty one.

    >>> release_spans(0b110, (Release(2, 12), Release(2, 13), Release(2, 14)))
    'from glibc 2.13 on'
    >>> release_spans(0b101, (Release(2, 12), Release(2, 13), Release(2, 14)))
    'on glibc 2.12, and from glibc 2.14 on'
    """
    newest = len(releases) - 1
    parts: list[str] = []
    first: int | None = None
    for position in range(newest + 1):
        if not chosen >> position & 1:
            continue
        first = position if first is None else first
        if position == newest:
            parts.append(f"from glibc {releases[first]} on")
        elif not chosen >> (position + 1) & 1:
            parts.append(f"on glibc {releases[first]}" + (f" to {releases[position]}" if position > first else ""))
            first = None
    return ", and ".join(parts)


class FileVerdict(NamedTuple):
    """All that is known about one file."""

    path: str
    verdict: Verdict
    arch: str | None = None
    kind: FileKind = "unknown"
    error: str | None = None
    """Why the file could not be verified: one line for the user; None unless the verdict is ``error``."""
    highest: str | None = None
    """The highest numbered GLIBC_ node that the file itself needs."""
    highest_of: tuple[tuple[str, str], ...] = ()
    """(family, highest node) of every family of needed nodes: GLIBC, GLIBCXX, GCC ..."""
    lowest_glibc: Release | None = None
    """The lowest release of the tables on which it loads and starts; None when there is none, or nothing to verify."""
    findings: tuple[Finding, ...] = ()
    releases: tuple[Release, ...] = ()
    """The glibc releases that the tables of its architecture cover, oldest first."""
    loads: ReleaseSet = 0
    """The set of those releases on which it loads and starts. Policies do not count."""
    runs_on: tuple[Platform, ...] = ()
    """The platforms on which it starts, as they were on their first day."""
    needed: tuple[NeededLibrary, ...] = ()
    """The libraries that DT_NEEDED of the file itself names, in order."""
    sha256: str | None = None
    """The digest of a program's or library's content, in hexadecimal; None where it was not asked for."""
    promise: str | None = None
    """Where the package of the file says what it runs on: ``tag manylinux_2_17_x86_64``; None without such a package,
    or when a named policy was applied instead."""
    target: Target | None = None
    """The target that the package promises, if the file was verified for that one and not for the report's."""

    @property
    def loads_on(self) -> tuple[Release, ...]:
        """The releases on which it loads and starts."""
        return members_of(self.loads, self.releases)

    @property
    def loads_text(self) -> str:
        """The releases on which it loads: ``from glibc 2.17 on``, ``on glibc 2.12 to 2.14``; "" for none."""
        return release_spans(self.loads, self.releases)

    @property
    def reported_here(self) -> tuple[Finding, ...]:
        """The findings that a report for people shows at this file; the others are shown at ``failing_libraries``."""
        return tuple(finding for finding in self.findings if not finding.reported_by_dependency)

    @property
    def failing_libraries(self) -> tuple[str, ...]:
        """The paths of the verified libraries that it loads and that fail."""
        return tuple(dict.fromkeys(finding.file for finding in self.findings if finding.reported_by_dependency))

    @property
    def would_load(self) -> bool:
        """True if nothing but a policy makes the verdict negative."""
        if self.verdict != "fails":
            return self.verdict == "ok"
        return not any(finding.fails and finding.kind not in VIOLATIONS for finding in self.findings)
