"""A report on a dataset as one HTML page that needs nothing else; its plots are SVG elements in the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from symver_pin.findings import KINDS
from symver_pin.fleet.difference import Difference
from symver_pin.fleet.summary import Summary
from symver_pin.fleet.text import WINS, amount, share
from symver_pin.glibc.platforms import DERIVED_FAMILIES
from symver_pin.loader.verdict import printable
from symver_pin.templates import render as render_template


class Bar(NamedTuple):
    """A bar of a plot."""

    label: str
    packages: int
    share: str
    """In percent, for people."""
    width: float
    """From 0 to 100."""


def bars(rows: Iterable[tuple[str, int]], whole: int) -> list[Bar]:
    """The bars of a plot in which ``whole`` is the full width."""
    return [
        Bar(label, count, share(count, whole), round(100 * count / whole, 2) if whole else 0) for label, count in rows
    ]


def render(summary: Summary, difference: Difference | None = None) -> str:
    """The page; with the changes since another dataset when these are given."""
    shown = [(platform, count) for platform, count in summary.platforms if platform.family not in DERIVED_FAMILIES]
    families: dict[str, list[Bar]] = {}
    for platform, count in shown:
        families.setdefault(platform.family, []).extend(bars([(platform.version, count)], summary.judged))
    return render_template(
        "survey.html.j2",
        summary=summary,
        difference=difference,
        releases=bars(((str(release), count) for release, count in summary.releases), summary.judged),
        families=families,
        wins=WINS,
        bars=bars,
        kinds=KINDS,
        amount=amount,
        printable=printable,
    )
