"""The report as one HTML file that needs nothing else: no script, no font, no picture from elsewhere.

From the top: the verdict in numbers, a filter, the heat map (one row for each file, one column for each glibc release),
the missing symbols of all files, the platforms, and the findings of each file; failing files come first. The page
follows the reader's preference for dark or light colours. Its only script is the filter's, which stands in the page.
"""

import base64
import hashlib
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from symver_pin.findings import KINDS, VIOLATIONS
from symver_pin.glibc.platforms import Platform, Target
from symver_pin.glibc.release import Release
from symver_pin.loader.verdict import FileVerdict, SymbolInfo, printable
from symver_pin.report.places import Place, loads_failing, place_of
from symver_pin.report.platforms import failing, newest_date
from symver_pin.report.writer import ORIGINS, PLAIN, Style, totals_of
from symver_pin.templates import render as render_template
from symver_pin.verifier.report import Report

_SYMBOLS = 200
"""The table of symbols ends after so many rows."""
_LISTED, _LISTED_OF_MANY = 50, 4
"""A finding lists so many symbols, and in a report of many files only the names of a few."""
_MANY = 100
"""Above so many judged files the findings are short, so that a report of 500 files stays below a megabyte."""

CELLS = {
    "loads": ("\u2713", "loads and starts"),
    "some": ("~", "loads, but not on all platforms with this glibc: the runtime libraries of some are too old"),
    "runtime": ("r", "the runtime libraries (libstdc++, libgcc_s ...) of the platforms with this glibc are too old"),
    "fails": ("\u2717", "glibc is too old, or lacks something; at the target also for any other finding"),
    "unknown": ("", "not known"),
}
"""State of a cell of the heat map -> its text, and its sentence in the legend."""

_BETTER_LAST = {"fails": 0, "error": 1, "ok": 2, "skipped": 3}
"""The order of files by verdict."""

_FILTER = """
"use strict";
const word = document.getElementById("word"), failing = document.getElementById("failing");
function choose() {
  const text = word.value.toLowerCase();
  for (const item of document.querySelectorAll("[data-file]"))
    item.hidden = !item.dataset.file.toLowerCase().includes(text) || (failing.checked && item.dataset.fine === "1");
}
word.addEventListener("input", choose);
failing.addEventListener("change", choose);
"""
"""The script of the filter. The page's policy allows it by its digest, and no other script."""


class Row(NamedTuple):
    """A row of the heat map."""

    number: int
    file: FileVerdict
    place: Place
    cells: tuple[str, ...]
    """One for each release: a key of CELLS."""


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


def render(report: Report, style: Style = PLAIN) -> str:
    """The whole report as one document."""
    ordered = list(_failing_first(report.files))
    judged = [file for file in ordered if file.verdict in ("ok", "fails")]
    symbols = _symbols(judged)
    releases = sorted({release for file in judged for release in file.releases})
    platforms: dict[Release, set[str]] = {}
    for platform in report.platforms:
        platforms.setdefault(platform.glibc, set()).add(platform.id)
    return render_template(
        "report.html.j2",
        report=report,
        releases=releases,
        rows=[_row(number, file, releases, report.target, platforms) for number, file in enumerate(ordered)],
        cells=CELLS,
        advice=_advice(judged),
        short=len(judged) > _MANY,
        listed=_LISTED if len(judged) <= _MANY else _LISTED_OF_MANY,
        script=_FILTER,
        script_digest=base64.b64encode(hashlib.sha256(_FILTER.encode()).digest()).decode(),
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
        name_of=style.name,
        origin=style.provenance,
        command=shlex.join(style.provenance.command) if style.provenance is not None else "",
    )


def _failing_first(files: Iterable[FileVerdict]) -> Iterator[FileVerdict]:
    """The files, failing ones first. Those of one archive stay together, at the place of the worst of them."""
    groups: dict[str, list[FileVerdict]] = {}
    for file in files:
        groups.setdefault(place_of(file.path).file, []).append(file)
    for group in groups.values():
        group.sort(key=_rank)
    for group in sorted(groups.values(), key=lambda group: _rank(group[0])):
        yield from group


def _rank(file: FileVerdict) -> int:
    return _BETTER_LAST[file.verdict]


def _row(
    number: int, file: FileVerdict, releases: list[Release], target: Target, platforms: Mapping[Release, set[str]]
) -> Row:
    """The row of a file. The cell of the target is the verdict's: that of the target's own runtime libraries.

    ``target`` is that of the report; ``platforms`` are the ids of those with a glibc release.
    """
    target = target if file.target is None else file.target
    loads, known, runs_on = set(file.loads_on), set(file.releases), {platform.id for platform in file.runs_on}
    state = "unknown"
    cells = []
    for release in releases:
        there = platforms.get(release)
        if release not in known or release not in loads:
            cells.append("fails" if release in known else "unknown")
            continue
        if release == target.glibc:
            state = "loads" if file.would_load else "runtime" if _lacks_runtime(file) else "fails"
        elif there:
            running = len(runs_on.intersection(there))
            state = "loads" if running == len(there) else "some" if running else "runtime"
        elif state == "unknown":
            state = "loads"
        cells.append(state)
    return Row(number, file, place_of(file.path), tuple(cells))


def _lacks_runtime(file: FileVerdict) -> bool:
    """True if a file, whose glibc is new enough, fails for a version that a library lacks and for nothing else."""
    return all(finding.kind == "missing-version" for finding in file.findings if finding.fails)


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


def _advice(files: Iterable[FileVerdict]) -> list[tuple[str, int]]:
    """Each advice for failing files, and the number of files that it is for; that of the most files first."""
    users = Counter(
        advice
        for file in files
        for advice in {each.advice for each in file.reported_here if each.fails and each.advice}
    )
    return sorted(users.items(), key=lambda item: (-item[1], item[0]))


def _platforms(files: list[FileVerdict], known: tuple[Platform, ...]) -> list[PlatformRow]:
    """The platforms on which not all files run, the newest first, then the others, the newest first."""
    counts: dict[str, int] = {}
    for file in files:
        for platform in file.runs_on:
            counts[platform.id] = counts.get(platform.id, 0) + 1
    newest_first = failing((), known)
    rows = [PlatformRow(platform, counts.get(platform.id, 0)) for platform in newest_first]
    return sorted(rows, key=lambda row: row.runs == len(files))
