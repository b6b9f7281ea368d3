"""The verdict of every function that changed: does what an old system has mean the same to code compiled with newer
headers?

glibc gives a symbol a new version node when the function changes for its callers: another argument, a structure of
another layout, an error code, or merely another library. The old node stays for old programs. A pin binds *new* code
to that old node, which its author never foresaw. So each step from one node to the next has a verdict::

    same        the old node does what new code expects
    adapted     it does not, and the kit's compat object of that name makes it right
    different   it does not; the reason says how

Many functions changed without a new node, when glibc's authors took the change for a correction or an addition: new
conversions of ``printf``, a flag that was ignored. New code meets the old behaviour on every older system, whatever it
is bound to. Such a change has a row with a *release* in the place of the node.

``semantics.tsv`` beside the tables holds one row a change, tab-separated, with the reason and the public record that it
rests on::

    # symver-pin semantics 1
    # symbol node archs verdict reason source only
    glob	GLIBC_2.27	*	different	the old node leaves out ...	commit 5554304f0d ...
    printf	2.35	*	different	takes no argument ...	NEWS 2.35 ...	with %b or %B

``node`` is the *newer* node of the step, since it says what changed, or the release with the new behaviour; the two are
told apart by their form. A function changed once for all architectures, though its older node has another name on each;
``archs`` is ``*`` unless they differ. ``node`` is ``*`` for a symbol that means nothing under any node.

``only`` is optional: the use that meets the difference (an argument, a flag, a state of the system). Without it the
plain use of the function meets it. This decides where a difference is reported. A linker and ``verify`` see a
reference to a symbol, not its arguments, so they report rows without ``only``: nobody would read a warning at each
``printf``. ``show``, the pin header and docs/semantics.md have every row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from symver_pin.errors import MapsError
from symver_pin.glibc.release import OLDEST_TARGET, Release, node_release, node_sort_key

SAME = "same"
ADAPTED = "adapted"
DIFFERENT = "different"

UNKNOWN = "unknown"
"""No verdict is recorded: a node of somebody's own glibc, or of one younger than the table. Never in the file."""

SEVERITY = (SAME, ADAPTED, UNKNOWN, DIFFERENT)
"""From harmless to harmful. An unknown difference may be anything, so it ranks above one that was adapted."""

_MAGIC = "# symver-pin semantics 1"
_ANY = "*"
_RELEASE = re.compile(r"(\d+)\.(\d+)")


class Meaning(NamedTuple):
    """The verdict of one change of a function: a step to a newer version node, or a release without a new node."""

    symbol: str
    node: str
    """The newer node of the step; ``*`` when the verdict holds for every step of the symbol; the release (``2.35``) of
    a change without a new node."""
    verdict: str
    """``same``, ``adapted`` or ``different``; ``unknown`` from ``Semantics.for_pin`` only."""
    reason: str
    source: str
    """The release note, commit, bug or source file of glibc that shows it."""
    only: str = ""
    """The use that meets the difference, as a phrase that begins with a preposition; "" if the plain use does."""

    @property
    def release(self) -> Release | None:
        """The release that changed the behaviour without a new node; None for a step to a node.

        >>> Meaning("printf", "2.35", DIFFERENT, "", "").release
        Release(major=2, minor=35)
        >>> Meaning("glob", "GLIBC_2.27", DIFFERENT, "", "").release is None
        True
        """
        found = _RELEASE.fullmatch(self.node)
        return Release(int(found[1]), int(found[2])) if found else None

    @property
    def since(self) -> str:
        """What has the newer behaviour, for messages: ``GLIBC_2.27`` or ``glibc 2.35``."""
        return self.node if self.release is None else f"glibc {self.node}"

    @property
    def text(self) -> str:
        """The reason, after the use that meets it."""
        return f"{self.only}: {self.reason}" if self.only else self.reason

    @property
    def is_met_by_every_use(self) -> bool:
        """True if every program that uses the function meets the difference: linkers and ``verify`` name it."""
        return self.verdict == DIFFERENT and not self.only

    @property
    def is_after_oldest_target(self) -> bool:
        """True if the newer behaviour is younger than the oldest target, or its node has no release in its name."""
        release = self.release or node_release(self.node)
        return release is None or release > OLDEST_TARGET

    @property
    def reachable(self) -> bool:
        """True if a target can lack the newer behaviour: not when the oldest target already has it.

        >>> Meaning("realpath", "GLIBC_2.3", DIFFERENT, "", "").reachable
        False
        """
        if self.release is None and (not self.node.startswith("GLIBC_") or node_release(self.node) is None):
            return False
        return self.is_after_oldest_target


class Row(NamedTuple):
    """One line of the file: a meaning and the architectures that it holds for."""

    archs: tuple[str, ...]
    """``("*",)`` for all that have the step."""
    meaning: Meaning


class Semantics:
    """All verdicts, by symbol and newer node or release."""

    def __init__(self, rows: tuple[Row, ...]) -> None:
        self.rows = rows
        self._by_step = {(meaning[0], meaning[1], arch): meaning for archs, meaning in rows for arch in archs}
        self._without_node: dict[str, list[Row]] = {}
        for row in rows:
            if row.meaning.release is not None:
                self._without_node.setdefault(row.meaning.symbol, []).append(row)

    def verdict_of(self, symbol: str, newer_node: str, arch: str) -> Meaning | None:
        """The verdict of the step to ``newer_node``; None when the table has none.

        A row of the architecture's own wins over one for all, and one for the node over one for every node.
        """
        for node in (newer_node, _ANY):
            for name in (arch, _ANY):
                meaning = self._by_step.get((symbol, node, name))
                if meaning is not None:
                    return meaning
        return None

    def for_pin(self, symbol: str, pinned_node: str, nodes: Iterable[str], arch: str) -> Meaning | None:
        """The worst verdict of the steps that a pin crosses; None when it crosses none.

        ``pinned_node`` is what the target exports as default; ``nodes`` are all nodes of the symbol up to the one that
        the build host's headers were made for, in any order. Older ones and those of another family (``GCC_`` beside
        ``GLIBC_``) do not count. Of equally bad steps the newest one is given. A step without a row is ``unknown``.
        """
        oldest = node_sort_key(pinned_node)
        crossed = {key: node for node in nodes if (key := node_sort_key(node))[0] == oldest[0] and key > oldest}
        worst: Meaning | None = None
        for key in sorted(crossed):
            node = crossed[key]
            meaning = self.verdict_of(symbol, node, arch) or Meaning(
                symbol, node, UNKNOWN, f"no verdict is recorded for the step to {node}", ""
            )
            if worst is None or SEVERITY.index(meaning.verdict) >= SEVERITY.index(worst.verdict):
                worst = meaning
        return worst

    def without_node(self, symbol: str, arch: str, target: Release | None = None) -> tuple[Meaning, ...]:
        """The changes of a symbol without a new version node, oldest first.

        ``target`` leaves those that this release already has out.
        """
        meanings = [
            (meaning.release, meaning)
            for archs, meaning in self._without_node.get(symbol, ())
            if arch in archs or _ANY in archs
        ]
        return tuple(m for release, m in sorted(meanings) if release and (target is None or release > target))

    def changed_without_node(self, arch: str, target: Release) -> tuple[Meaning, ...]:
        """``without_node`` for every symbol, without the verdict ``same``: what a target lacks, in order of names."""
        symbols = sorted(self._without_node)
        return tuple(m for symbol in symbols for m in self.without_node(symbol, arch, target) if m.verdict != SAME)

    def differing(self, arch: str) -> frozenset[str]:
        """The symbols whose plain use differs on an architecture for some target (``is_met_by_every_use``)."""
        return frozenset(
            row.meaning.symbol
            for row in self.rows
            if row.meaning.is_met_by_every_use
            and row.meaning.is_after_oldest_target
            and (arch in row.archs or _ANY in row.archs)
        )


def parse_semantics(text: str, where: str) -> Semantics:
    """Parse the file's text; ``where`` names it in errors. Raises MapsError with the line number."""
    lines = text.split("\n")
    if lines[0] != _MAGIC:
        raise MapsError(f"{where}:1: not a symver-pin semantics file of format 1; reinstall symver-pin")
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        if not line or line[0] == "#":
            continue
        columns = line.split("\t")
        if len(columns) not in (6, 7) or not all(columns) or columns[3] not in (SAME, ADAPTED, DIFFERENT):
            raise MapsError(
                f"{where}:{number}: broken row {line!r}; symbol, node, archs, verdict, reason, source and perhaps "
                f"only are expected, the verdict one of same, adapted, different"
            )
        symbol, node, archs, *rest = columns
        rows.append(Row(tuple(archs.split(",")), Meaning(symbol, node, *rest)))
    steps = Counter((row.meaning.symbol, row.meaning.node, arch) for row in rows for arch in row.archs)
    for step, count in steps.items():
        if count > 1:
            raise MapsError(f"{where}: {' '.join(step)} stands twice; leave one row a symbol, node and architecture")
    return Semantics(tuple(rows))
