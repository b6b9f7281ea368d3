"""The verdict of every re-versioned symbol: does the older node mean the same to code compiled with newer headers?

glibc gives a symbol a new version node when the function changes for its callers: another argument, a structure of
another layout, an error code, or merely another library. The old node stays for old programs. A pin binds *new* code
to that old node, which its author never foresaw. So each step from one node to the next has a verdict::

    same        the old node does what new code expects
    adapted     it does not, and the kit's compat object of that name makes it right
    different   it does not; the reason says how

``semantics.tsv`` beside the tables holds one row a step, tab-separated, with the reason and the public record that it
rests on::

    # symver-pin semantics 1
    # symbol node archs verdict reason source
    glob	GLIBC_2.27	*	different	the old node leaves out ...	commit 5554304f0d ...

``node`` is the *newer* node of the step, since it says what changed. A function changed once for all architectures,
though its older node has another name on each; ``archs`` is ``*`` unless they differ. ``node`` is ``*`` for a symbol
that means nothing under any node.

The verdict is about nodes, not about releases: a bug that glibc repaired without a new node is there on an old system
whatever a program is bound to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from symver_pin.errors import MapsError
from symver_pin.glibc.release import OLDEST_TARGET, node_release, node_sort_key

SAME = "same"
ADAPTED = "adapted"
DIFFERENT = "different"

UNKNOWN = "unknown"
"""No verdict is recorded: a node of somebody's own glibc, or of one younger than the table. Never in the file."""

SEVERITY = (SAME, ADAPTED, UNKNOWN, DIFFERENT)
"""From harmless to harmful; what is not known may be anything, so it stands above what has been put right."""

_MAGIC = "# symver-pin semantics 1"
_ANY = "*"


class Meaning(NamedTuple):
    """The verdict of one step to a newer version node."""

    symbol: str
    node: str
    """The newer node of the step; ``*`` when the verdict holds for every step of the symbol."""
    verdict: str
    """``same``, ``adapted`` or ``different``; ``unknown`` from ``Semantics.for_pin`` only."""
    reason: str
    source: str
    """The release note, commit, bug or source file of glibc that shows it."""

    @property
    def is_after_oldest_target(self) -> bool:
        """True if the newer node is younger than the oldest target, or has no release in its name."""
        release = node_release(self.node)
        return release is None or release > OLDEST_TARGET

    @property
    def reachable(self) -> bool:
        """True if a pin can cross this step: not when the oldest target already has the newer node.

        >>> Meaning("realpath", "GLIBC_2.3", DIFFERENT, "", "").reachable
        False
        """
        return self.node.startswith("GLIBC_") and node_release(self.node) is not None and self.is_after_oldest_target


class Row(NamedTuple):
    """One line of the file: a meaning and the architectures that it holds for."""

    archs: tuple[str, ...]
    """``("*",)`` for all that have the step."""
    meaning: Meaning


class Semantics:
    """All verdicts, by symbol and newer node."""

    def __init__(self, rows: tuple[Row, ...]) -> None:
        self.rows = rows
        self._by_step = {(meaning[0], meaning[1], arch): meaning for archs, meaning in rows for arch in archs}

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

    def differing(self, arch: str) -> frozenset[str]:
        """The symbols with a step to ``different`` on an architecture that a pin can cross."""
        return frozenset(
            row.meaning.symbol
            for row in self.rows
            if row.meaning.verdict == DIFFERENT
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
        if len(columns) != 6 or not all(columns) or columns[3] not in (SAME, ADAPTED, DIFFERENT):
            raise MapsError(
                f"{where}:{number}: broken row {line!r}; symbol, node, archs, verdict, reason and source "
                f"are expected, the verdict one of same, adapted, different"
            )
        symbol, node, archs, verdict, reason, source = columns
        rows.append(Row(tuple(archs.split(",")), Meaning(symbol, node, verdict, reason, source)))
    steps = Counter((row.meaning.symbol, row.meaning.node, arch) for row in rows for arch in row.archs)
    for step, count in steps.items():
        if count > 1:
            raise MapsError(f"{where}: {' '.join(step)} stands twice; leave one row a symbol, node and architecture")
    return Semantics(tuple(rows))
