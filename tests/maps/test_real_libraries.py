"""Every table against every real library that can be had: nothing missing, nothing too much, same marks, same aliases.

The second opinion is pyelftools', not our own reader's. What differs is listed, with the reason, in
`glibc_maps/exceptions.tsv`; an entry there that no library shows any more fails as well. A set that no registry serves
today, or whose suite has moved to a newer glibc than the tables, is not compared; the closing lines of the run name it,
and with too few sets `test_enough_sets_are_compared` fails. What was seen of each library when the tables were made is
held against them without any download.
"""

from __future__ import annotations

from functools import cache

import pytest

import library_sets
from exports import Exports
from library_sets import LibrarySet
from maps.library_digests import Row, digests_of, lines_of_table, recorded_libraries, recorded_tables, tables
from maps.list_digests import digest
from maps.real_libraries import RealLibraries, exceptions, is_private, real_libraries
from served import LIBRARY_SETS, count, served
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import parse_release
from symver_pin.glibc.rows import Library
from symver_pin.glibc.table import View
from symver_pin.paths import shipped_maps

RECORDED = recorded_libraries()


@cache
def view_of(arch: str, release: str) -> View:
    return default_maps().table(arch).view(parse_release(release))


@pytest.fixture(params=library_sets.SETS, ids=str)
def found(request: pytest.FixtureRequest) -> RealLibraries:
    """The libraries of each set."""
    wanted: LibrarySet = request.param
    return served(LIBRARY_SETS, str(wanted), lambda: real_libraries(wanted), lambda: library_sets.origin(wanted).note)


def glibc_libraries(found: RealLibraries) -> dict[str, tuple[Exports, Library]]:
    """Soname -> the real one and the table's. libcrypt is Debian's libxcrypt, in a package of its own."""
    view = view_of(found.arch, found.release)
    real = {exports.soname: exports for exports in found.exports}
    expected = {soname for soname in view.libraries if soname != "libcrypt.so.1" or soname in real}
    assert expected <= real.keys(), "the table has a library that the set lacks"
    return {soname: (real[soname], view.libraries[soname]) for soname in sorted(expected)}


def test_each_library_exports_what_the_table_says(found: RealLibraries) -> None:
    for soname, (real, table) in glibc_libraries(found).items():
        known = exceptions(found.source, found.arch, soname)
        seen = {(s.symbol, s.version): (s.default, s.type, s.size) for s in real.symbols if not is_private(s.version)}
        said = {(e.symbol, e.version): (e.default, e.type, e.size) for e in table.exports}
        extra = dict.fromkeys(seen.keys() - said.keys(), "has")
        missing = dict.fromkeys(said.keys() - seen.keys(), "lacks")
        assert extra | missing == {pair: what for pair, what in known.items() if pair[0] != "-"}, soname
        assert {pair: seen[pair] for pair in seen.keys() & said.keys()} == {
            pair: said[pair] for pair in seen.keys() & said.keys()
        }, soname


def test_each_library_defines_the_nodes_of_the_table(found: RealLibraries) -> None:
    for soname, (real, table) in glibc_libraries(found).items():
        known = exceptions(found.source, found.arch, soname)
        extra = {("-", node): "has" for node in set(real.nodes) - set(table.nodes) if not is_private(node)}
        missing = {("-", node): "lacks" for node in set(table.nodes) - set(real.nodes)}
        assert extra | missing == {pair: what for pair, what in known.items() if pair[0] == "-"}, soname


def test_objects_at_one_address_are_one_alias_group(found: RealLibraries) -> None:
    checked = 0
    for soname, (real, table) in glibc_libraries(found).items():
        groups = {(e.symbol, e.version): e.alias for e in table.exports if e.type != "F"}
        members: dict[str, set[str]] = {}
        for (symbol, _), alias in groups.items():
            if alias:
                members.setdefault(alias, set()).add(symbol)
        for place in real.objects:
            names = [(s.symbol, s.version) for s in place if (s.symbol, s.version) in groups]
            if len({symbol for symbol, _ in names}) > 1:
                labels = {groups[name] for name in names}
                assert len(labels) == 1 and labels != {""}, (soname, names)
                checked += 1
                assert {symbol for symbol, _ in names} == members[labels.pop()], soname
    assert checked > 5


def test_each_library_is_as_it_was_when_the_tables_were_made(found: RealLibraries) -> None:
    recorded = {row.soname: row.digest for row in RECORDED if (row.source, row.arch) == (found.source, found.arch)}
    if recorded:  # a suite that stands in for another may be unknown
        assert {row.soname: row.digest for row in digests_of(found)} == recorded


def test_enough_sets_are_compared() -> None:
    reasons = {wanted: library_sets.why_not(wanted) for wanted in library_sets.SETS}
    for wanted, reason in reasons.items():
        count(LIBRARY_SETS, str(wanted), reason)
    problem = library_sets.floor_problem({wanted: reason for wanted, reason in reasons.items() if reason})
    assert not problem, problem


@pytest.mark.parametrize("row", RECORDED, ids=lambda row: f"{row.source}-{row.arch}-{row.soname}")
def test_a_table_says_of_each_library_what_was_seen_when_it_was_made(row: Row) -> None:
    library = view_of(row.arch, row.release).libraries[row.soname]
    lines = lines_of_table(library, exceptions(row.source, row.arch, row.soname))
    assert (len(lines), digest(lines)) == (row.lines, row.digest)


def test_what_was_seen_covers_every_architecture_and_release_of_the_sets() -> None:
    assert len({(row.source, row.arch) for row in RECORDED}) == len(library_sets.SETS)
    assert {row.arch for row in RECORDED} == set(library_sets.ARCHITECTURES.values())


def test_the_table_files_are_those_that_were_compared() -> None:
    assert tables() == recorded_tables(), "after `make maps`, run tests/maps/library_digests.py"


def test_every_exception_names_a_set_that_is_looked_at() -> None:
    sets = {(row.source, row.arch) for row in RECORDED}
    lines = (shipped_maps() / "exceptions.tsv").read_text().splitlines()
    for line in lines:
        if not line.startswith("#"):
            source, arch, *_, what, reason = line.split("\t")
            assert (source, arch) in sets and what in ("has", "lacks") and len(reason) > 20
