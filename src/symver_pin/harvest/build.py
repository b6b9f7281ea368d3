"""Make the tables from the observations: for each architecture one of glibc and one of the compiler runtime."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from symver_pin.glibc.maps import Maps
from symver_pin.glibc.release import Release, Span, node_release, parse_release
from symver_pin.glibc.table import SymbolTable
from symver_pin.harvest import compiler_runtime
from symver_pin.harvest.compiler_runtime import LIBGCC
from symver_pin.harvest.merge import merge
from symver_pin.harvest.observation import Observation
from symver_pin.harvest.sources import Found, Runtime
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import ARCHES

OLDEST = Release(2, 12)
"""The first glibc release of the tables. The exports of 2.12 to 2.15 can be computed from glibc's lists of 2.16."""
OLDEST_GCC = Release(4, 4)
"""The first GCC release of the tables of compiler runtimes."""


def build_tables(found: Found, existing: Mapping[str, SymbolTable], maps: Maps) -> Iterator[SymbolTable]:
    """Make a table for each architecture in the sources, and one for each architecture's compiler runtime.

    ``existing`` maps a name to the table to which the sources are added. ``maps`` has the files of corrections and
    exceptions.
    """
    first_releases = read_corrections(maps.path("corrections.tsv"))
    withdrawn = read_withdrawn(maps.path("withdrawn.tsv"))
    disputes = read_disputes(maps.path("exceptions.tsv"))
    for arch in ARCHES.values():
        seen = [item for item in found.observations if item.arch == arch.name]
        if seen:
            if arch.name in existing:
                seen += _observations_of(existing[arch.name])
            releases = _releases(arch, seen, reaching_back=any(item.authoritative for item in seen))
            yield _annotated(merge(arch.name, seen, releases, first_releases, withdrawn), disputes)
    dates = maps.runtime_nodes
    for arch in ARCHES.values():
        runtimes = [runtime for runtime in found.runtimes if runtime.arch == arch]
        if runtimes:
            name = f"{arch.name}-gcc"
            yield _gcc_table(name, runtimes, dates, existing.get(name))


def read_corrections(path: Path) -> dict[tuple[str, str], Release]:
    """Read ``corrections.tsv``: (soname, node) -> the first release whose source code has the node."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {(soname, node): parse_release(release) for soname, node, release, _reason in rows}


def read_withdrawn(path: Path) -> dict[tuple[str, str], Release]:
    """Read ``withdrawn.tsv``: (soname, symbol) -> the first release that does not link new programs with it."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {
        (soname, symbol): parse_release(release)
        for soname, release, names, _source in rows
        for symbol in names.split(" ")
    }


def read_disputes(path: Path) -> dict[tuple[str, str, str, str], str]:
    """Read ``exceptions.tsv``: (architecture, soname, symbol, node) -> the note that names the disagreeing source."""
    found: dict[tuple[str, str, str, str], str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            source, arch, soname, symbol, node, what, _reason = line.split("\t")
            found[arch, soname, symbol, node] = f"{'also' if what == 'has' else 'not'} in {source}"
    return found


def _annotated(table: SymbolTable, disputes: Mapping[tuple[str, str, str, str], str]) -> SymbolTable:
    notes = [disputes.get((table.name, row.soname, row.symbol, row.version), "") for row in table.rows]
    rows = [row._replace(note=note) for row, note in zip(table.rows, notes, strict=True)]
    return SymbolTable(table.name, table.covered, rows)


def _releases(arch: Arch, seen: Iterable[Observation], reaching_back: bool) -> list[Release]:
    """The releases of a table, without gaps.

    The first one is that of the oldest observation. With ``reaching_back`` (ABI lists are among the sources) it is
    2.12, or the first release with the architecture.
    """
    dated = [item.release for item in seen]
    birth = max(OLDEST, node_release(arch.first_node) or OLDEST)
    first = birth if reaching_back else min(dated)
    return [Release(first.major, minor) for minor in range(first.minor, max(dated).minor + 1)]


def _observations_of(table: SymbolTable) -> Iterator[Observation]:
    """The content of a table as observations, to be merged with those of the sources.

    So sources add exports to a table and never remove any. Default marks and aliases that were read from libraries
    which are no longer available stay when the table is rebuilt from ABI lists.
    """
    for release in table.axis.releases:
        for row in table.view(release).rows:
            yield Observation(
                table.name,
                release,
                row.soname,
                row.symbol,
                row.version,
                row.type,
                row.size,
                row.default,
                row.alias,
                False,
            )


def _gcc_table(
    name: str, runtimes: Iterable[Runtime], dates: Mapping[str, Release], old: SymbolTable | None
) -> SymbolTable:
    """The table of libgcc_s and libstdc++ of one architecture. Rows of the table ``old`` stay as they are."""
    covered = Span(OLDEST_GCC, max(dates.values()))
    rows = set(old.rows) if old else set()
    libgcc = [runtime.dynamic for runtime in runtimes if runtime.soname == LIBGCC]
    libstdcxx = [runtime.dynamic for runtime in runtimes if runtime.soname != LIBGCC]
    new = [*compiler_runtime.read_dated_library(compiler_runtime.LIBSTDCXX, libstdcxx, dates, covered)]
    if libgcc:
        new += compiler_runtime.read_libgcc(libgcc, covered)
    dated = {(row.soname, row.symbol, row.version) for row in rows}
    rows.update(row for row in new if (row.soname, row.symbol, row.version) not in dated)
    return SymbolTable(name, covered, tuple(rows))
