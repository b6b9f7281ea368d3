"""A report that is written while verdicts are made: one piece of text for each file, and the summary.

A format is a ``Writer``: it makes the text of one file at a time, perhaps in the process that judged the file, and the
text before and behind them all from the ``Totals``. So a report of 200,000 files takes little memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from symver_pin.glibc.platforms import Target
from symver_pin.glibc.release import Release, ReleaseSet
from symver_pin.loader.verdict import FileVerdict, NeededLibrary, Origin, Verdict, members_of, printable, release_spans
from symver_pin.report.demangle import demangled
from symver_pin.report.provenance import Provenance
from symver_pin.verifier.report import Report, exit_status_of

ORIGINS: dict[Origin, str] = {
    "glibc": "glibc",
    "gcc": "GCC's runtime",
    "lsb": "of LSB",
    "system": "of the system",
    "given": "given",
}
"""The origins of needed libraries, in the order of reports, in words."""


class Line(NamedTuple):
    """What a report says of one file, and what the totals need of it."""

    verdict: Verdict
    loads: ReleaseSet
    releases: tuple[Release, ...]
    """The releases on which it loads, as a set of these."""
    error: str | None
    """One line, safe to print on a terminal; None when the file was verified."""
    text: str = ""
    """The piece of the report for this file; "" where there is none."""
    needed: tuple[NeededLibrary, ...] = ()
    extra: str = ""
    """A second piece, which a format writes behind all first ones."""
    target: Target | None = None
    """The target of the file if it is not the report's."""
    has_promise: bool = False
    """True if the file was compared with what its package promises."""
    runs_on: frozenset[str] = frozenset()
    """The ids of the platforms on which it starts."""


def line_of(file: FileVerdict, text: str = "", extra: str = "") -> Line:
    """The line of a file."""
    error = None if file.error is None else printable(file.error)
    platforms = frozenset(platform.id for platform in file.runs_on)
    promised = bool(file.promise)
    return Line(
        file.verdict, file.loads, file.releases, error, text, file.needed, extra, file.target, promised, platforms
    )


class Totals:
    """What the files of a report add up to."""

    def __init__(self) -> None:
        self.counts: Counter[Verdict] = Counter()
        self.needed: Counter[NeededLibrary] = Counter()
        """Each needed library with the number of files that need it."""
        self.extra: list[str] = []
        self.targets: set[Target | None] = set()
        """The targets of the verified files; None for the report's."""
        self.promises = 0
        """The number of files that were compared with what their packages promise."""
        self.runs_on: frozenset[str] | None = None
        """The ids of the platforms on which all verified files start; None before the first."""
        self._loads: set[tuple[ReleaseSet, tuple[Release, ...]]] = set()

    def add(self, line: Line) -> None:
        """Adds one file."""
        self.counts[line.verdict] += 1
        self.needed.update(dict.fromkeys(line.needed, 1))
        if line.extra:
            self.extra.append(line.extra)
        if line.verdict in ("ok", "fails"):
            self._loads.add((line.loads, line.releases))
            self.targets.add(line.target)
            self.runs_on = line.runs_on if self.runs_on is None else self.runs_on & line.runs_on
        self.promises += line.has_promise

    @property
    def loads_together(self) -> str:
        """The releases on which all verified files load, for people: ``from glibc 2.17 on``; "" for none.

        Architectures have different releases.
        """
        judged = [(loads, releases) for loads, releases in self._loads if releases]
        every = sorted({release for _, releases in judged for release in releases})
        together = set(every)
        for loads, releases in judged:
            together.intersection_update(members_of(loads, releases))
        return release_spans(sum(1 << every.index(release) for release in together), tuple(every))

    @property
    def files(self) -> int:
        """The number of files that are or should have been verified."""
        return self.counts.total() - self.counts["skipped"]

    @property
    def exit_status(self) -> int:
        """0: all files load; 1: one does not; 2: one could not be verified."""
        return exit_status_of({verdict for verdict, count in self.counts.items() if count})

    def needed_in_order(self) -> list[tuple[NeededLibrary, int]]:
        """The needed libraries by origin and name, with the number of files that need each."""
        order = list(ORIGINS)
        return sorted(self.needed.items(), key=lambda item: (order.index(item[0].origin), item[0].name))


class Style(NamedTuple):
    """How a report is written."""

    color: bool = False
    """True for colours of a terminal; for the format ``text``."""
    libraries: bool = False
    """True to list what each file and all together need; formats other than ``text`` always do."""
    demangle: bool = True
    """True to write the names of C++ symbols as C++ does; for ``text`` and ``html``."""
    provenance: Provenance | None = None
    """Where the report comes from; None to leave that out. With it each file has its digest."""

    def name(self, symbol: str) -> str:
        """The name of a symbol as the report writes it."""
        return printable(demangled(symbol) if self.demangle else symbol)


PLAIN = Style()
"""The style of reports that are made from Python."""


class Writer(Protocol):
    """One format, for one target and policy."""

    separator: str
    """What stands between the pieces of two files."""

    def line(self, file: FileVerdict) -> Line:
        """The piece of one file."""

    def head(self, totals: Totals) -> str:
        """What stands before the pieces."""

    def tail(self, totals: Totals) -> str:
        """What stands behind the pieces."""


def totals_of(files: Iterable[FileVerdict]) -> Totals:
    """The totals of some files."""
    totals = Totals()
    for file in files:
        totals.add(line_of(file))
    return totals


def written(writer: Writer, report: Report) -> str:
    """A whole report as text."""
    totals = Totals()
    lines = [writer.line(file) for file in report.files]
    for line in lines:
        totals.add(line)
    body = writer.separator.join(line.text for line in lines if line.text)
    return f"{writer.head(totals)}{body}{writer.tail(totals)}"
