"""The report as one HTML file that needs nothing else: no script, no font, no picture from elsewhere.

From the top: the verdict in numbers, the heat map (one row for each file, one column for each glibc release), the
missing symbols of all files, the platforms, and the findings of each file. The page follows the reader's preference
for dark or light colours.
"""

from collections.abc import Iterable
from typing import NamedTuple

from symver_pin.findings import KINDS, VIOLATIONS
from symver_pin.glibc.platforms import Platform
from symver_pin.glibc.release import Release
from symver_pin.loader.verdict import FileVerdict, SymbolInfo, printable
from symver_pin.report.places import Place, loads_failing, place_of
from symver_pin.report.platforms import failing, newest_date
from symver_pin.report.writer import ORIGINS, totals_of
from symver_pin.templates import render as render_template
from symver_pin.verifier.report import Report

_SYMBOLS = 200
"""The table of symbols ends after so many rows."""


class Row(NamedTuple):
    """A row of the heat map."""

    number: int
    file: FileVerdict
    place: Place
    cells: tuple[str, ...]
    """One for each release: ``loads``, ``fails`` or ``unknown`` (the tables of its architecture do not have it)."""


class SymbolRow(NamedTuple):
    """A missing or forbidden symbol, over all files."""

    name: str
    version: str
    library: str
    since: str
    older: str
    files: int


class PlatformRow(NamedTuple):
    """A platform, and how many of the verified files run on it."""

    platform: Platform
    runs: int


def render(report: Report) -> str:
    """The whole report as one document."""
    judged = [file for file in report.files if file.verdict in ("ok", "fails")]
    symbols = _symbols(judged)
    releases = sorted({release for file in judged for release in file.releases})
    return render_template(
        "report.html.j2",
        report=report,
        releases=releases,
        rows=[_row(number, file, releases) for number, file in enumerate(report.files)],
        counts={verdict: sum(file.verdict == verdict for file in report.files) for verdict in ("ok", "fails", "error")},
        symbols=symbols[:_SYMBOLS],
        symbol_count=len(symbols),
        platforms=_platforms(judged, report.platforms),
        judged=len(judged),
        newest=newest_date(report.platforms),
        kinds=KINDS,
        needed=totals_of(report.files).needed_in_order(),
        origins=ORIGINS,
        loads_failing=loads_failing,
        printable=printable,
    )


def _row(number: int, file: FileVerdict, releases: list[Release]) -> Row:
    loads, known = set(file.loads_on), set(file.releases)
    cells = ("loads" if release in loads else "fails" if release in known else "unknown" for release in releases)
    return Row(number, file, place_of(file.path), tuple(cells))


def _symbols(files: Iterable[FileVerdict]) -> list[SymbolRow]:
    """The symbols of the most files first; details come from a rule of the loader if there is one, else a policy."""
    users: dict[tuple[str, str, str], set[str]] = {}
    known: dict[tuple[str, str, str], SymbolInfo] = {}
    for file in files:
        for finding in file.findings:
            for symbol in finding.symbols if finding.fails else ():
                key = symbol.name, finding.version or "", finding.library or symbol.library or ""
                users.setdefault(key, set()).add(file.path)
                if key not in known or finding.kind not in VIOLATIONS:
                    known[key] = symbol
    found = [
        SymbolRow(*key, str(known[key].since or ""), known[key].older or "", len(paths)) for key, paths in users.items()
    ]
    return sorted(found, key=lambda row: (-row.files, row.name, row.version))


def _platforms(files: list[FileVerdict], known: tuple[Platform, ...]) -> list[PlatformRow]:
    """The platforms on which not all files run, the newest first, then the others, the newest first."""
    counts: dict[str, int] = {}
    for file in files:
        for platform in file.runs_on:
            counts[platform.id] = counts.get(platform.id, 0) + 1
    newest_first = failing((), known)
    rows = [PlatformRow(platform, counts.get(platform.id, 0)) for platform in newest_first]
    return sorted(rows, key=lambda row: row.runs == len(files))
