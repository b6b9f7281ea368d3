"""Sets of releases are those of the rows of the symbol tables, compared release by release."""

from __future__ import annotations

import pytest

from symver_pin.errors import MapsError
from symver_pin.glibc.library import LibraryHistory
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release, ReleaseSet, Span
from symver_pin.glibc.rows import NO_SYMBOL, Library, Row
from symver_pin.glibc.table import SymbolTable
from symver_pin.loader.target_system import TargetSystem
from symver_pin.machine.architectures import find_arch

ABSENT = b"no_such_symbol"
GLIBC_TABLES = ["x86_64", "i386", "aarch64", "s390x"]
GCC_12 = Release(12, 0)


def history_of(table: SymbolTable, soname: str) -> LibraryHistory:
    found = table.library(soname)
    assert found is not None
    return found


def runtime_of(release: Release) -> SymbolTable:
    """The table of the compiler runtime as of a GCC release."""
    return default_maps().table("x86_64-gcc").at(release, default_maps().table("x86_64").axis)


def libraries_by_release(table: SymbolTable) -> list[dict[str, Library]]:
    """The libraries in each release of the table, oldest first."""
    return [table.view(release).libraries for release in table.axis.releases]


def has(releases: ReleaseSet, position: int) -> bool:
    return bool(releases >> position & 1)


@pytest.mark.parametrize("name", GLIBC_TABLES)
def test_nodes_and_libraries_are_those_of_each_release(name: str) -> None:
    table = default_maps().table(name)
    for position, libraries in enumerate(libraries_by_release(table)):
        for soname in table.sonames:
            history = history_of(table, soname)
            nodes = set(libraries[soname].nodes) if soname in libraries else set()
            assert has(history.present, position) == (soname in libraries)
            assert {node for node, releases in history.nodes.items() if has(releases, position)} == nodes
            lacking = {node for node in history.nodes if has(history.lacking_node(node), position)}
            assert lacking == (history.nodes.keys() - nodes if soname in libraries else set())


@pytest.mark.parametrize("name", GLIBC_TABLES)
def test_symbols_are_those_of_each_release(name: str) -> None:
    table = default_maps().table(name)
    by_release = libraries_by_release(table)
    sampled = {(row.soname, row.symbol, row.version) for row in table.rows[::23] if row.symbol != NO_SYMBOL}
    for soname, symbol, version in sampled:
        history = history_of(table, soname)
        releases, unversioned = (history.exporting(symbol.encode(), each) for each in (version, None))
        for position, libraries in enumerate(by_release):
            exports = libraries[soname].exports if soname in libraries else ()
            here = [export for export in exports if export.symbol == symbol]
            assert has(releases, position) == any(export.version == version for export in here)
            is_found = any(export.default or export.version == history.oldest_node for export in here)
            assert has(unversioned, position) == is_found
            there = {each.version for each in history.versions_of(symbol.encode()) if has(each.releases, position)}
            assert there == {export.version for export in here}


@pytest.mark.parametrize("table", [*map(default_maps().table, GLIBC_TABLES), runtime_of(GCC_12)], ids=lambda t: t.name)
def test_steady_symbols_are_in_every_release_that_has_their_node(table: SymbolTable) -> None:
    for soname in table.sonames:
        history = history_of(table, soname)
        names = sorted(history.names)
        for version, releases in history.nodes.items():
            steady = [name for name in names if history.exporting(name, version) == releases]
            known = {name for name in names for each in history.versions_of(name) if each.version == version}
            assert history.steady[version] == known.intersection(steady)
            some = [*names[:50], ABSENT]
            assert history.unsteady(version, some) == [name for name in some if name not in history.steady[version]]
        everything = table.axis.everything
        expected = {name for name in names if history.exporting(name, None) == everything}
        assert history.steady_unversioned == expected


@pytest.mark.parametrize("table", [*map(default_maps().table, GLIBC_TABLES), runtime_of(GCC_12)], ids=lambda t: t.name)
def test_an_unknown_name_version_or_library_is_in_no_release(table: SymbolTable) -> None:
    assert table.library("libnone.so.1") is None
    for soname in table.sonames:
        history = history_of(table, soname)
        assert history.exporting(ABSENT, None) == history.exporting(ABSENT, history.oldest_node) == 0
        assert history.versions_of(ABSENT) == ()
        assert history.lacking_node("NO_NODE") == history.present
        assert history.unsteady("NO_NODE", [ABSENT]) == [ABSENT]


@pytest.mark.parametrize("name", GLIBC_TABLES)
def test_names_that_need_no_further_look_are_steady(name: str) -> None:
    maps = default_maps()
    system = TargetSystem(find_arch(name), maps.target("2.19"), maps)
    for soname in system.glibc.sonames:
        for version in history_of(system.glibc, soname).nodes:
            assert system.node(soname, version) is not None
    assert system.simply_found.keys().isdisjoint({*system.differing, b"__libc_start_main"})
    for symbol, node in system.simply_found.items():
        assert symbol in history_of(system.glibc, node.library).steady[node.version]


def test_a_runtime_has_one_gcc_release_in_all_glibc_releases() -> None:
    old, new = runtime_of(Release(4, 8)), runtime_of(GCC_12)
    everything = default_maps().table("x86_64").axis.everything
    for table, has_node in ((old, False), (new, True)):
        history = history_of(table, "libstdc++.so.6")
        assert not history.is_glibc and history.present == everything
        assert history.nodes["GLIBCXX_3.4.19"] == everything
        assert history.nodes["GLIBCXX_3.4.30"] == (everything if has_node else 0)
        assert history.lacking_node("GLIBCXX_3.4.30") == (0 if has_node else everything)
    assert history_of(default_maps().table("x86_64"), "libc.so.6").is_glibc


@pytest.mark.parametrize("release", [Release(2, 95), Release(999, 0)])
def test_a_gcc_release_outside_of_the_table_counts_as_the_nearest(release: Release) -> None:
    covered = default_maps().table("x86_64-gcc").covered
    nearest = min(max(release, covered.first), covered.last)
    assert nearest != release
    assert (
        history_of(runtime_of(release), "libgcc_s.so.1").nodes == history_of(runtime_of(nearest), "libgcc_s.so.1").nodes
    )


def test_a_library_with_version_nodes_alone_lists_no_symbols() -> None:
    span = Span(Release(2, 12), Release(2, 14))
    row = Row("libx.so.1", NO_SYMBOL, "X_1", span, True, "N", 0, "")
    table = SymbolTable("x86_64", span, [row])
    history = history_of(table, "libx.so.1")
    assert not history.lists_symbols and history.nodes == {"X_1": 0b111} and not history.names
    assert history_of(default_maps().table("x86_64"), "libc.so.6").lists_symbols


def test_a_table_of_several_major_releases_has_no_sets_of_releases() -> None:
    table = SymbolTable("x86_64", Span(Release(2, 12), Release(3, 1)), [])
    with pytest.raises(MapsError, match="not the numbers of one major release"):
        _ = table.axis
