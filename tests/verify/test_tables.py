"""A symbol table answers the same whether it looks up rows or has read them all, and what its rows say."""

from __future__ import annotations

import pytest

from symver_pin.maps.release import Release
from symver_pin.maps.table import load_table
from symver_pin.verify.tables import SymbolTable, open_table

ABSENT = b"no_such_symbol"


def _open(name: str, for_many: bool) -> SymbolTable:
    if "-" in name:
        glibc = open_table(name.partition("-")[0])
        assert glibc is not None
        found = open_table(name, glibc.axis, Release(12, 0), for_many)
    else:
        found = open_table(name, for_many=for_many)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["x86_64", "i386", "aarch64", "s390x", "x86_64-gcc"])
def test_reading_a_library_whole_gives_what_looking_up_gives(name: str) -> None:
    few, many = _open(name, for_many=False), _open(name, for_many=True)
    wanted: dict[str, dict[str, set[bytes]]] = {}
    for row in load_table(name).rows:
        wanted.setdefault(row.soname, {}).setdefault(row.version, set()).add(row.symbol.encode())
    for soname, versions in wanted.items():
        names = sorted(set().union(*versions.values()))
        expected = {version: few.has_node(soname, version) for version in versions}
        for version, symbols in versions.items():
            asked = sorted(symbols) + [ABSENT] * bool(expected[version])
            unsteady = [s for s in asked if few.has_symbol(soname, s, version) != expected[version]]
            assert many.unsteady(soname, version, asked) == unsteady
            assert few.unsteady(soname, version, asked[-20:]) == [s for s in asked[-20:] if s in set(unsteady)]
        assert {version: many.has_node(soname, version) for version in versions} == expected
        plain = {s for s in names if few.has_plain(soname, s) != few.everything}
        assert many.unsteady_plain(soname, frozenset(names)) == plain
        assert sorted(many.known(soname, frozenset([*names, ABSENT]))) == names
        for symbol in [*names[::50], ABSENT]:
            assert many.symbol(soname, symbol) == few.symbol(soname, symbol)


@pytest.mark.parametrize("name", ["x86_64", "i386", "aarch64", "s390x"])
def test_a_symbol_is_there_in_the_releases_of_its_rows(name: str) -> None:
    table, rows = _open(name, for_many=True), load_table(name).rows
    for row in rows[::97]:
        inside = sum(table.axis.within(r.span) for r in rows if r[:3] == row[:3])
        assert table.has_symbol(row.soname, row.symbol.encode(), row.version) == inside
