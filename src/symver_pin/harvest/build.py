"""From what the sources say to table files: one a glibc architecture, one a compiler runtime."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from symver_pin.elf.arch import ARCHES, Arch
from symver_pin.harvest import compiler_runtime
from symver_pin.harvest.compiler_runtime import LIBGCC
from symver_pin.harvest.merge import merge
from symver_pin.harvest.observation import Observation
from symver_pin.harvest.sources import Found, Runtime
from symver_pin.maps.release import Release, Span, node_release, parse_release
from symver_pin.maps.table import Table
from symver_pin.resources import data_file

#: The tables begin here; glibc's own lists of 2.16 reach back this far.
OLDEST = Release(2, 12)
OLDEST_GCC = Release(4, 4)


def build_tables(found: Found, existing: Mapping[str, Table]) -> Iterator[Table]:
    """A table for every architecture that the sources speak of.

    ``existing`` (name -> table): tables that the sources are added to.
    """
    first_releases = read_corrections(data_file("corrections.tsv"))
    disputes = read_disputes(data_file("exceptions.tsv"))
    for arch in ARCHES.values():
        seen = [item for item in found.observations if item.arch == arch.name]
        if seen:
            if arch.name in existing:
                seen += _taken_up(existing[arch.name])
            releases = _releases(arch, seen, reaching_back=any(item.authoritative for item in seen))
            yield _annotated(merge(arch.name, seen, releases, first_releases), disputes)
    dates = compiler_runtime.read_node_dates(data_file("libstdcxx_nodes.tsv"))
    for arch in ARCHES.values():
        runtimes = [runtime for runtime in found.runtimes if runtime.arch == arch]
        if runtimes:
            name = f"{arch.name}-gcc"
            yield _gcc_table(name, runtimes, dates, existing.get(name))


def read_corrections(path: Path) -> dict[tuple[str, str], Release]:
    """``corrections.tsv``: (soname, node) -> the first release whose own sources have it."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {(soname, node): parse_release(release) for soname, node, release, _reason in rows}


def read_disputes(path: Path) -> dict[tuple[str, str, str, str], str]:
    """``exceptions.tsv``: (architecture, soname, symbol, node) -> which source says otherwise, as a row's note."""
    found: dict[tuple[str, str, str, str], str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            source, arch, soname, symbol, node, what, _reason = line.split("\t")
            found[arch, soname, symbol, node] = f"{'also' if what == 'has' else 'not'} in {source}"
    return found


def _annotated(table: Table, disputes: Mapping[tuple[str, str, str, str], str]) -> Table:
    notes = [disputes.get((table.name, row.soname, row.symbol, row.version), "") for row in table.rows]
    return table._replace(rows=tuple(row._replace(note=n) for row, n in zip(table.rows, notes, strict=True)))


def _releases(arch: Arch, seen: Iterable[Observation], reaching_back: bool) -> list[Release]:
    """Every release from the first to the last: with ABI lists from 2.12 (or the architecture's birth) on."""
    dated = [item.release for item in seen]
    birth = max(OLDEST, node_release(arch.first_node) or OLDEST)
    first = birth if reaching_back else min(dated)
    return [Release(2, minor) for minor in range(first.minor, max(dated).minor + 1)]


def _taken_up(table: Table) -> Iterator[Observation]:
    """A table as observations: what it says of a release stands beside what the sources show of it.

    So sources add to a table, and never take away; and marks and aliases that were read from libraries which cannot be
    had any more are kept when the table is made anew from ABI lists.
    """
    first, last = table.covered
    for minor in range(first.minor, last.minor + 1):
        release = Release(2, minor)
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


def _gcc_table(name: str, runtimes: Iterable[Runtime], dates: Mapping[str, Release], old: Table | None) -> Table:
    covered = Span(OLDEST_GCC, max(dates.values()))
    rows = set(old.rows) if old else set()
    libgcc = [runtime.dynamic for runtime in runtimes if runtime.soname == LIBGCC]
    libstdcxx = [runtime.dynamic for runtime in runtimes if runtime.soname != LIBGCC]
    new = [*compiler_runtime.read_libstdcxx(libstdcxx, dates, covered)]
    if libgcc:
        new += compiler_runtime.read_libgcc(libgcc, covered)
    dated = {(row.soname, row.symbol, row.version) for row in rows}
    rows.update(row for row in new if (row.soname, row.symbol, row.version) not in dated)
    return Table(name, covered, tuple(rows))
