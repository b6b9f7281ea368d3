"""The report as one HTML file that needs nothing else: no script, no font, no picture from elsewhere.

From the top: the verdict in numbers, the heat map (a row a file, a column a glibc release), the guilty symbols of all
files, the platforms, and the findings of each file. It follows the reader's preference for a dark or a light page.
"""

from collections.abc import Iterable
from typing import NamedTuple

from symver_pin.maps.platforms import Platform, load_platforms
from symver_pin.maps.release import Release
from symver_pin.report.kinds import MEANINGS
from symver_pin.report.places import Place, loads_failing, place_of
from symver_pin.report.platforms import failing, newest_date
from symver_pin.templates import render as render_template
from symver_pin.verify.model import VIOLATIONS, FileVerdict, Guilty, Report, printable

#: The table of guilty symbols ends after so many.
_SYMBOLS = 200


class Row(NamedTuple):
    """A row of the heat map."""

    number: int
    file: FileVerdict
    place: Place
    cells: tuple[str, ...]
    """A cell a release: ``loads``, ``fails`` or ``unknown`` (the tables of its architecture do not have it)."""


class Culprit(NamedTuple):
    """A guilty symbol, over all files."""

    name: str
    version: str
    library: str
    since: str
    older: str
    files: int


class PlatformRow(NamedTuple):
    """A platform, and how many of the judged files run on it."""

    platform: Platform
    runs: int


def render(report: Report) -> str:
    """The whole report as one document."""
    judged = [file for file in report.files if file.verdict != "error"]
    culprits = _culprits(judged)
    releases = sorted({release for file in judged for release in file.releases})
    return render_template(
        "report.html.j2",
        report=report,
        releases=releases,
        rows=[_row(number, file, releases) for number, file in enumerate(report.files)],
        counts={verdict: sum(file.verdict == verdict for file in report.files) for verdict in ("ok", "fails", "error")},
        culprits=culprits[:_SYMBOLS],
        culprit_count=len(culprits),
        platforms=_platforms(judged),
        judged=len(judged),
        newest=newest_date(load_platforms()),
        meanings=MEANINGS,
        loads_failing=loads_failing,
        printable=printable,
    )


def _row(number: int, file: FileVerdict, releases: list[Release]) -> Row:
    loads, known = set(file.loads_on), set(file.releases)
    cells = ("loads" if release in loads else "fails" if release in known else "unknown" for release in releases)
    return Row(number, file, place_of(file.path), tuple(cells))


def _culprits(files: Iterable[FileVerdict]) -> list[Culprit]:
    """Those of the most files first. A gate's finding knows less of a symbol than the loader's, which wins."""
    users: dict[tuple[str, str, str], set[str]] = {}
    known: dict[tuple[str, str, str], Guilty] = {}
    for file in files:
        for finding in file.findings:
            for symbol in finding.symbols if finding.fails else ():
                key = symbol.name, finding.version or "", finding.library or symbol.library or ""
                users.setdefault(key, set()).add(file.path)
                if key not in known or finding.kind not in VIOLATIONS:
                    known[key] = symbol
    found = [
        Culprit(*key, str(known[key].since or ""), known[key].older or "", len(paths)) for key, paths in users.items()
    ]
    return sorted(found, key=lambda culprit: (-culprit.files, culprit.name, culprit.version))


def _platforms(files: list[FileVerdict]) -> list[PlatformRow]:
    """First those on which not all run, the newest first, then the others, the newest first."""
    counts: dict[str, int] = {}
    for file in files:
        for platform in file.runs_on:
            counts[platform.id] = counts.get(platform.id, 0) + 1
    newest_first = failing(())
    rows = [PlatformRow(platform, counts.get(platform.id, 0)) for platform in newest_first]
    return sorted(rows, key=lambda row: row.runs == len(files))
