"""The numbers of a report: how many packages load on each release and platform, what rules out most, what would help.

A package loads on a release if every file of it that was judged does; packages without such a file do not count. All
rows of a package are in one partition, so partitions are summed one after the other, in bounded memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from symver_pin.fleet.dataset import Dataset
from symver_pin.fleet.remedies import Remedies, Remedy
from symver_pin.fleet.schema import number_of
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Platform, Target
from symver_pin.glibc.release import Release, parse_release

MOST_SYMBOLS = 50
_MOST_ERRORS = 20


class SymbolRow(NamedTuple):
    """A symbol that a target lacks, and the packages that it rules out there."""

    symbol: str
    """The version node for one that no symbol carries."""
    version: str
    library: str
    since: str
    packages: int
    alone: int
    """Of these, the packages that lack nothing else of glibc."""
    remedy: Remedy


class Wins(NamedTuple):
    """The packages that do not load on a target, by what would make them; each is counted once."""

    by_older_versions: int
    """Older versions of their symbols, which a link with the kit or ``repair`` binds."""
    by_compat_objects: int
    """The same, with compat objects."""
    not_yet: int
    """Some symbol has neither."""
    otherwise: int
    """They lack no symbol of glibc: GCC's runtime, a library, the file's structure."""

    @property
    def all(self) -> int:
        """All packages that do not load."""
        return sum(self)


class TargetSummary(NamedTuple):
    """What keeps packages from one target."""

    target: Target
    wins: Wins
    symbols: tuple[SymbolRow, ...]
    """Those that rule out most packages first."""
    kinds: tuple[tuple[str, int], ...]
    """(kind of a failing finding, packages with one), the most first; empty when the survey did not ask for the
    target."""


class Summary(NamedTuple):
    """All numbers of a report."""

    packages: int
    judged: int
    """Packages with at least one file that was judged."""
    files: int
    size: int
    """Bytes where the packages are stored."""
    fetched: int
    errors: tuple[tuple[str, str], ...]
    """(package, reason) of some that could not be judged, or have a file that could not be."""
    error_count: int
    releases: tuple[tuple[Release, int], ...]
    """(release, packages that load on it), oldest first."""
    platforms: tuple[tuple[Platform, int], ...]
    """(platform, packages that run on it), in the order of the table."""
    targets: tuple[TargetSummary, ...]


def targets_of(dataset: Dataset) -> list[str]:
    """The targets that the packages of a dataset were judged for."""
    found: dict[str, None] = {}
    for table in dataset.tables("packages", ["targets"]):
        for targets in pc.unique(pc.list_flatten(table.column("targets"))).to_pylist():
            found[targets] = None
    return list(found)


def summarize(dataset: Dataset, targets: Sequence[Target], maps: Maps) -> Summary:
    """The numbers of a dataset, with details for some targets."""
    totals = _Totals(maps, targets)
    for packages, files, requirements, findings in zip(
        dataset.tables("packages", ["package", "status", "error", "size", "fetched"]),
        dataset.tables("files", ["package", "member", "verdict", "error", "loads_on", "runs_on"]),
        dataset.tables("requirements"),
        dataset.tables("findings", ["package", "target", "kind", "fails"]),
        strict=True,
    ):
        totals.add(packages, files, requirements, findings)
    return totals.summary()


class _Totals:
    """Sums over the partitions."""

    def __init__(self, maps: Maps, targets: Sequence[Target]) -> None:
        self._maps = maps
        self._packages = self._judged = self._files = self._size = self._fetched = self._error_count = 0
        self._errors: list[tuple[str, str]] = []
        self._loading: Counter[str] = Counter()
        self._running: Counter[str] = Counter()
        self._targets = [_TargetTotals(target, maps) for target in targets]

    def add(self, packages: Any, files: Any, requirements: Any, findings: Any) -> None:
        """Add a partition."""
        self._packages += packages.num_rows
        self._size += pc.sum(packages.column("size")).as_py() or 0
        self._fetched += pc.sum(packages.column("fetched")).as_py() or 0
        self._files += files.num_rows
        self._add_errors(packages.filter(pc.equal(packages.column("status"), "error")))
        self._add_errors(files.filter(pc.equal(files.column("verdict"), "error")))
        judged = files.filter(pc.equal(files.column("verdict"), "judged")).combine_chunks()
        sizes = Counter(judged.column("package").to_pylist())
        self._judged += len(sizes)
        loading = _whole_packages(judged, "loads_on", sizes)
        self._loading.update(label for labels in loading.values() for label in labels)
        running = _whole_packages(judged, "runs_on", sizes)
        self._running.update(label for labels in running.values() for label in labels)
        for each in self._targets:
            release = str(each.target.glibc)
            failing = [package for package in sizes if release not in loading.get(package, ())]
            each.add(failing, requirements, findings)

    def _add_errors(self, rows: Any) -> None:
        self._error_count += rows.num_rows
        for row in rows.slice(0, _MOST_ERRORS - len(self._errors)).to_pylist():
            place = "/".join(filter(None, (row["package"], row.get("member"))))
            self._errors.append((place, row["error"] or ""))

    def summary(self) -> Summary:
        """The sums."""
        releases = sorted(map(parse_release, self._loading))
        platforms = tuple((platform, self._running[platform.id]) for platform in self._maps.platforms)
        return Summary(
            self._packages,
            self._judged,
            self._files,
            self._size,
            self._fetched,
            tuple(self._errors),
            self._error_count,
            tuple((release, self._loading[str(release)]) for release in releases),
            platforms,
            tuple(each.summary() for each in self._targets),
        )


def _whole_packages(files: Any, column: str, sizes: Counter[str]) -> dict[str, list[str]]:
    """Package -> the values of a list column that all files of it have."""
    lists = files.column(column).combine_chunks() if files.num_rows else pa.array([], pa.list_(pa.string()))
    packages = pc.take(files.column("package"), pc.list_parent_indices(lists))
    flat = pa.table({"package": packages, "value": pc.list_flatten(lists)})
    counts = flat.group_by(["package", "value"]).aggregate([([], "count_all")])
    found: dict[str, list[str]] = {}
    for package, value, count in zip(*(counts.column(name).to_pylist() for name in counts.column_names), strict=True):
        if count == sizes[package]:
            found.setdefault(package, []).append(value)
    return found


_Key = tuple[str, str | None, str, str, str]
"""(architecture, symbol, version, library, since) of a requirement."""


class _TargetTotals:
    """Sums for one target."""

    def __init__(self, target: Target, maps: Maps) -> None:
        self.target = target
        self._remedies = Remedies(target, maps)
        self._wins: Counter[str] = Counter()
        self._users: Counter[_Key] = Counter()
        self._alone: Counter[_Key] = Counter()
        self._kinds: Counter[str] = Counter()

    def add(self, failing: list[str], requirements: Any, findings: Any) -> None:
        """Add the packages of a partition that do not load on the target."""
        chosen = pa.array(failing, pa.string())
        newer = requirements.filter(
            pc.and_(
                pc.greater(requirements.column("since_number"), number_of(self.target.glibc)),
                pc.and_(
                    pc.invert(requirements.column("weak")), pc.is_in(requirements.column("package"), value_set=chosen)
                ),
            )
        )
        keys = ["architecture", "symbol", "version", "library", "since"]
        rows = newer.group_by(["package", *keys]).aggregate([])
        lacking: dict[str, list[_Key]] = {package: [] for package in failing}
        for package, *key in zip(*(rows.column(name).to_pylist() for name in ("package", *keys)), strict=True):
            lacking[package].append(tuple(key))
        for needed in lacking.values():
            self._users.update(needed)
            self._alone.update(needed if len({(key[1], key[2]) for key in needed}) == 1 else ())
            self._wins[self._win(needed)] += 1
        asked = pc.and_(pc.equal(findings.column("target"), self.target.label), findings.column("fails"))
        kinds = findings.filter(asked).group_by(["package", "kind"]).aggregate([])
        self._kinds.update(kinds.column("kind").to_pylist())

    def _win(self, needed: Iterable[_Key]) -> str:
        """The field of ``Wins`` that counts a package which lacks these symbols."""
        remedies = {self._remedies.of(*key[:4]) for key in needed}
        if not remedies:
            return "otherwise"
        if "none" in remedies:
            return "not_yet"
        return "by_compat_objects" if "compat object" in remedies else "by_older_versions"

    def summary(self) -> TargetSummary:
        """The sums; a symbol of several architectures is one row."""
        rows: dict[tuple[str, str], SymbolRow] = {}
        for key, count in self._users.items():
            arch, symbol, version, library, since = key
            row = SymbolRow(
                symbol or version,
                version,
                library,
                since,
                count,
                self._alone[key],
                self._remedies.of(arch, symbol, version, library),
            )
            same = rows.get((row.symbol, version))
            if same is not None:
                best = same if same.packages >= count else row
                row = best._replace(packages=same.packages + count, alone=same.alone + row.alone)
            rows[(row.symbol, version)] = row
        symbols = sorted(rows.values(), key=lambda row: (-row.packages, -row.alone, row.symbol, row.version))
        wins = Wins(*(self._wins[name] for name in Wins._fields))
        return TargetSummary(self.target, wins, tuple(symbols[:MOST_SYMBOLS]), tuple(self._kinds.most_common()))
