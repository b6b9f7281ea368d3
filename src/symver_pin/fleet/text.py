"""A report on a dataset, and the difference of two, as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symver_pin.findings import KINDS
from symver_pin.fleet.difference import Change, Difference
from symver_pin.fleet.summary import MOST_SYMBOLS, Summary, TargetSummary
from symver_pin.glibc.platforms import DERIVED_FAMILIES
from symver_pin.loader.verdict import printable
from symver_pin.report.terminal import table_text

WINS = {
    "by_older_versions": "would load with older versions of their symbols (the kit, or repair, binds to them)",
    "by_compat_objects": "would load with compat objects as well",
    "not_yet": "lack a symbol for which there is neither",
    "otherwise": "lack no symbol of glibc: another library, GCC's runtime, or the file's structure",
}
"""The fields of ``summary.Wins`` as the end of a sentence about packages."""
_MOST_NAMES = 20


def share(part: int, whole: int) -> str:
    """A share in percent: ``12.5 %``."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def amount(size: int) -> str:
    """A number of bytes: ``12.5 MB``."""
    if size < 1_000_000:
        return f"{size / 1000:.1f} kB"
    return f"{size / 1e6:.1f} MB" if size < 1_000_000_000 else f"{size / 1e9:.1f} GB"


def counted(count: int, word: str) -> str:
    """``1 package``, ``3 packages``."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def render(summary: Summary) -> str:
    """The report."""
    parts = [
        f"{counted(summary.packages, 'package')}, {counted(summary.files, 'file')} judged in "
        f"{counted(summary.judged, 'package')}; {amount(summary.fetched)} fetched of {amount(summary.size)}\n",
        _errors(summary),
        "\nPackages that load, by release of glibc:\n\n",
        table_text(
            ("glibc", "packages", "share"),
            [(str(release), f"{count:,}", share(count, summary.judged)) for release, count in summary.releases],
            (1, 2),
        ),
        "\nPackages that run, by platform:\n\n",
        table_text(
            ("platform", "packages", "share"),
            [
                (platform.name, f"{count:,}", share(count, summary.judged))
                for platform, count in summary.platforms
                if platform.family not in DERIVED_FAMILIES
            ],
            (1, 2),
        ),
    ]
    parts += [_target(each) for each in summary.targets]
    return "".join(parts)


def _errors(summary: Summary) -> str:
    if not summary.error_count:
        return ""
    lines = [f"  {printable(place)}: {printable(reason)}\n" for place, reason in summary.errors]
    more = summary.error_count - len(lines)
    lines += [f"  and {more:,} more: verdict or status 'error' in the dataset\n"] * (more > 0)
    return f"{summary.error_count:,} could not be judged:\n{''.join(lines)}"


def _target(each: TargetSummary) -> str:
    text = f"\nOn {each.target.label}, {counted(each.wins.all, 'package')} would not load"
    text += f". Of these {each.wins.all:,}:\n" if each.wins.all else ".\n"
    text += "".join(
        f"  {getattr(each.wins, name):,} {words}\n" for name, words in WINS.items() if getattr(each.wins, name)
    )
    if each.symbols:
        rows = [
            (
                printable(row.symbol),
                printable(row.version),
                row.since,
                f"{row.packages:,}",
                f"{row.alone:,}",
                row.remedy,
            )
            for row in each.symbols
        ]
        text += f"\nSymbols that rule out most packages on {each.target.label} (at most {MOST_SYMBOLS}):\n\n"
        titles = ("symbol", "version", "since", "packages", "it alone", "remedy")
        text += table_text(titles, rows, (3, 4))
    if each.kinds:
        kinds = [(kind, KINDS[kind].title if kind in KINDS else kind, f"{count:,}") for kind, count in each.kinds]
        text += f"\nPackages by kind of finding on {each.target.label}:\n\n"
        text += table_text(("kind", "title", "packages"), kinds, (2,))
    return text


def render_difference(difference: Difference) -> str:
    """What changed between two datasets."""
    text = (
        f"{counted(len(difference.added), 'project')} added, {len(difference.gone):,} gone, "
        f"{len(difference.worse):,} on fewer releases, {len(difference.better):,} on more, "
        f"{difference.other_content:,} changed on the same releases, {difference.same:,} as before\n"
    )
    text += _changes("On fewer releases:", difference.worse) + _changes("On more releases:", difference.better)
    return text + _names("Added", difference.added) + _names("Gone", difference.gone)


def _changes(title: str, changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    rows = [
        (printable(each.project), each.architecture, str(each.before or "none"), str(each.after or "none"))
        for each in changes
    ]
    return f"\n{title}\n\n{table_text(('project', 'architecture', 'lowest before', 'lowest now'), rows)}"


def _names(title: str, names: Sequence[str]) -> str:
    shown: Iterable[str] = map(printable, names[:_MOST_NAMES])
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return f"\n{title}: {', '.join(shown)}{more}\n" if names else ""
