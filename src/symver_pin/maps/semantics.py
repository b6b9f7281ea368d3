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

from symver_pin.errors import MapsError
from symver_pin.light import NamedTuple
from symver_pin.maps.release import OLDEST_TARGET, node_release, node_sort_key
from symver_pin.resources import data_path, read_data

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

SAME = "same"
ADAPTED = "adapted"
DIFFERENT = "different"

UNKNOWN = "unknown"
"""No verdict is recorded: a node of somebody's own glibc, or of one younger than the table. Never in the file."""

#: From harmless to harmful; what is not known may be anything, so it stands above what has been put right.
SEVERITY = (SAME, ADAPTED, UNKNOWN, DIFFERENT)

FILE_NAME = "semantics.tsv"

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
    def reachable(self) -> bool:
        """Whether a pin can cross this step: not when the oldest target already has the newer node.

        >>> Meaning("realpath", "GLIBC_2.3", DIFFERENT, "", "").reachable
        False
        """
        release = node_release(self.node)
        return self.node.startswith("GLIBC_") and release is not None and release > OLDEST_TARGET


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


#: What was read, by path.
_loaded: dict[str, Semantics] = {}


def load_semantics(folder: Path | None = None, symbols: Collection[str] | None = None) -> Semantics:
    """The verdicts, read once, about 2 ms; or those of some symbols alone, 0.5 ms each time.

    ``folder`` holds tables of the user's own. Where it has no ``semantics.tsv`` the shipped one serves: a harvested
    glibc has the same nodes. Raises MapsError, with the line, when the file is broken.
    """
    own = folder is not None and (folder / FILE_NAME).is_file()
    path = f"{folder}/{FILE_NAME}" if own else data_path(FILE_NAME)
    if path in _loaded:
        return _loaded[path]
    try:
        found = parse_semantics(read_data(path).decode("ascii"), path, symbols)
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise MapsError(f"cannot read {path}: {error}") from error
    if symbols is None:
        _loaded[path] = found
    return found


def parse_semantics(text: str, where: str, symbols: Collection[str] | None = None) -> Semantics:
    """Parse the file's text, or its rows of some symbols; ``where`` names it in errors. Raises MapsError with the line
    number.
    """
    lines = text.split("\n")
    if lines[0] != _MAGIC:
        raise MapsError(f"{where}:1: not a symver-pin semantics file of format 1; reinstall symver-pin")
    rows: list[Row] = []
    new = tuple.__new__
    archs_of: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(lines, 1):
        if not line or line[0] == "#" or (symbols is not None and line.partition("\t")[0] not in symbols):
            continue
        columns = line.split("\t")
        if len(columns) != 6 or not all(columns) or columns[3] not in (SAME, ADAPTED, DIFFERENT):
            raise MapsError(
                f"{where}:{number}: broken row {line!r}; symbol, node, archs, verdict, reason and source "
                f"are wanted, the verdict one of same, adapted, different"
            )
        symbol, node, archs, verdict, reason, source = columns
        names = archs_of.get(archs) or archs_of.setdefault(archs, tuple(archs.split(",")))
        rows.append(new(Row, (names, new(Meaning, (symbol, node, verdict, reason, source)))))
    table = Semantics(tuple(rows))
    if len(table._by_step) != sum(len(row.archs) for row in rows):
        raise MapsError(f"{where}: {_twice(rows)} stands twice; leave one row a symbol, node and architecture")
    return table


def _twice(rows: list[Row]) -> str:
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        for arch in row.archs:
            step = (row.meaning.symbol, row.meaning.node, arch)
            if step in seen:
                return " ".join(step)
            seen.add(step)
    return "no row"
