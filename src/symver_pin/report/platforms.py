"""Platforms as text and JSON: the table, and the line of a verdict that names the platforms on which a file runs.

The line names a family once, by the oldest member from which on all run it (or by the newest that run it, where later
ones do not), and by the nearest that do not; of those the newest come first::

    runs on: Debian 8+, Ubuntu 14.04+, RHEL 8+ ...; not on: Debian 7, Ubuntu 13.10, RHEL 7 ...
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Any

from symver_pin.glibc.platforms import DERIVED_FAMILIES, ROLLING, Platform, Target
from symver_pin.report.terminal import table_text

SCHEMA = 1

_TITLES = ("id", "platform", "glibc", "GCC_", "GLIBCXX_", "CXXABI_", "gcc", "kernel", "released", "updates end", "also")


@lru_cache(maxsize=64)
def summarize(runs_on: tuple[Platform, ...], known: tuple[Platform, ...], verb: str = "runs") -> str:
    """One line without newline: the platforms that run a file, among those known. Static archives link (``verb``)."""
    ids = frozenset(platform.id for platform in runs_on)
    families: dict[str, list[Platform]] = {}
    for platform in known:
        families.setdefault(platform.family, []).append(platform)
    good: list[str] = []
    bad: list[Platform] = []
    for family, members in families.items():
        if family in DERIVED_FAMILIES:
            continue
        newer = list(takewhile(lambda platform: platform.id not in ids, reversed(members)))
        older = list(reversed(members))[len(newer) :]
        running = list(takewhile(lambda platform: platform.id in ids, older))
        if running:
            good.append(_span(running[-1], running[0], is_open=not newer))
        bad += [*newer[-1:], *older[len(running) :][:1]] if running else members[-1:]
    line = f"{verb} on: {', '.join(good) or 'no platform that is known'}"
    newest_first = sorted(bad, key=_age, reverse=True)
    return f"{line}; not on: {', '.join(platform.name for platform in newest_first)}" if good and bad else line


def _span(oldest: Platform, newest: Platform, is_open: bool) -> str:
    """``Debian 8+``, ``Debian 7 to 9``, ``RHEL 6``: members of a family that run a file; open if the newest does."""
    if oldest is newest:
        return oldest.name
    return f"{oldest.name}+" if is_open else f"{oldest.name} to {newest.version}"


def failing(runs_on: Iterable[Platform], known: Iterable[Platform]) -> tuple[Platform, ...]:
    """The platforms that do not run a file, among those known, the newest first."""
    ids = {platform.id for platform in runs_on}
    others = [platform for platform in known if platform.id not in ids]
    return tuple(sorted(others, key=_age, reverse=True))


def _age(platform: Platform) -> str:
    """Sorts by the day of release; a rolling one is as new as can be, a profile without a day is old."""
    if platform.released is None:
        return "9999" if platform.ends == ROLLING else ""
    return platform.released


def newest_date(platforms: Iterable[Platform]) -> str:
    """The release date of the youngest platform: how old the table is."""
    return max((platform.released for platform in platforms if platform.released is not None), default="unknown")


def render_text(shown: Sequence[Platform], known: Sequence[Platform], target: Target | None, today: str) -> str:
    """The table of the shown platforms; ``today`` (``2026-11-22``) decides which have ended."""
    head = ""
    if target is not None:
        label = f"glibc {target.glibc}"
        label = label if target.label == str(target.glibc) else f"{target.label} ({label})"
        head = f"programs built for {label} run on\n"
    rows = [_cells(platform, today) for platform in shown]
    table = table_text(_TITLES, rows) if rows else "no platform of the table\n"
    notes = [f"newest row: {newest_date(known)}; later releases are not in the table\n"]
    if len(shown) < len(known) and target is None:
        notes.insert(
            0, f"{len(known) - len(shown)} short-lived platforms that have ended are left out; --all lists them\n"
        )
    return "".join([head, table, *notes])


def render_json(shown: Sequence[Platform], known: Sequence[Platform], today: str) -> str:
    """``{"schema": 1, "newest": date, "platforms": [{"id", "name", "glibc", ... , "ended"}]}``; unknown is null."""
    document = {"schema": SCHEMA, "newest": newest_date(known), "platforms": [_object(p, today) for p in shown]}
    return json.dumps(document, indent=2) + "\n"


def _cells(platform: Platform, today: str) -> tuple[str, ...]:
    ends = platform.ends or "-"
    if platform.ended(today):
        ends = f"{ends} ENDED"
    numbers = (node.partition("_")[2] for node in (platform.gcc_node, platform.glibcxx_node, platform.cxxabi_node))
    return (
        platform.id,
        platform.name,
        str(platform.glibc),
        *numbers,
        _series(platform),
        platform.kernel or "-",
        platform.released or "-",
        ends,
        " ".join(platform.aliases),
    )


def _series(platform: Platform) -> str:
    return str(platform.gcc) if platform.gcc.major < 5 else str(platform.gcc.major)


def _object(platform: Platform, today: str) -> dict[str, Any]:
    return {
        "id": platform.id,
        "name": platform.name,
        "family": platform.family,
        "version": platform.version,
        "glibc": str(platform.glibc),
        "gcc": str(platform.gcc),
        "nodes": {"GCC": platform.gcc_node, "GLIBCXX": platform.glibcxx_node, "CXXABI": platform.cxxabi_node},
        "kernel": platform.kernel,
        "released": platform.released,
        "ends": platform.ends,
        "rolling": platform.ends == ROLLING,
        "ended": platform.ended(today),
        "aliases": list(platform.aliases),
    }
