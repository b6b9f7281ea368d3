"""Every table against every real library that can be had: nothing missing, nothing too much, same marks, same aliases.

The second opinion is pyelftools', not our own reader's. What differs is listed, with the reason, in
`glibc_maps/exceptions.tsv`; an entry there that no library shows any more fails as well.
"""

from __future__ import annotations

from functools import cache

import pytest

from exports import Exports
from maps.real_libraries import SETS, LibrarySet
from symver_pin.maps.model import Library
from symver_pin.maps.release import parse_release
from symver_pin.maps.table import View, load_table
from symver_pin.resources import maps_dir

Pair = tuple[str, str]


@cache
def view_of(arch: str, release: str) -> View:
    return load_table(arch).view(parse_release(release))


def exceptions(found: LibrarySet, soname: str) -> dict[Pair, str]:
    """(symbol, version) -> `has` or `lacks`, of one library."""
    lines = (maps_dir() / "exceptions.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {(row[3], row[4]): row[5] for row in rows if row[:3] == [found.source, found.arch, soname]}


@cache
def glibc_libraries(found: LibrarySet) -> dict[str, tuple[Exports, Library]]:
    """Soname -> the real one and the table's. libcrypt is Debian's libxcrypt, in a package of its own."""
    view = view_of(found.arch, found.release)
    real = {exports.soname: exports for exports in found.libraries()}
    expected = {soname for soname in view.libraries if soname != "libcrypt.so.1" or soname in real}
    assert expected <= real.keys(), "the table has a library that the set lacks"
    return {soname: (real[soname], view.libraries[soname]) for soname in sorted(expected)}


@pytest.mark.parametrize("found", SETS, ids=str)
def test_each_library_exports_what_the_table_says(found: LibrarySet) -> None:
    for soname, (real, table) in glibc_libraries(found).items():
        known = exceptions(found, soname)
        seen = {(s.symbol, s.version): (s.default, s.type, s.size) for s in real.symbols if not _private(s.version)}
        said = {(e.symbol, e.version): (e.default, e.type, e.size) for e in table.exports}
        extra = dict.fromkeys(seen.keys() - said.keys(), "has")
        missing = dict.fromkeys(said.keys() - seen.keys(), "lacks")
        assert extra | missing == {pair: what for pair, what in known.items() if pair[0] != "-"}, soname
        assert {pair: seen[pair] for pair in seen.keys() & said.keys()} == {
            pair: said[pair] for pair in seen.keys() & said.keys()
        }, soname


@pytest.mark.parametrize("found", SETS, ids=str)
def test_each_library_defines_the_nodes_of_the_table(found: LibrarySet) -> None:
    for soname, (real, table) in glibc_libraries(found).items():
        known = exceptions(found, soname)
        extra = {("-", node): "has" for node in set(real.nodes) - set(table.nodes) if not _private(node)}
        missing = {("-", node): "lacks" for node in set(table.nodes) - set(real.nodes)}
        assert extra | missing == {pair: what for pair, what in known.items() if pair[0] == "-"}, soname


@pytest.mark.parametrize("found", SETS, ids=str)
def test_objects_at_one_address_are_one_alias_group(found: LibrarySet) -> None:
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


def test_every_exception_names_a_set_that_is_looked_at() -> None:
    sets = {(found.source, found.arch) for found in SETS}
    lines = (maps_dir() / "exceptions.tsv").read_text().splitlines()
    for line in lines:
        if not line.startswith("#"):
            source, arch, *_, what, reason = line.split("\t")
            assert (source, arch) in sets and what in ("has", "lacks") and len(reason) > 20


def _private(version: str) -> bool:
    return version in ("", "GLIBC_PRIVATE")
