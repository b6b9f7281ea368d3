"""The table file: its format, its spans, its errors, and the counts that glibc's own lists give."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pinning import symver_pin_command
from symver_pin.errors import MapsError, UsageError
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release, parse_release
from symver_pin.glibc.rows import NO_SYMBOL
from symver_pin.glibc.table import format_table, parse_table
from symver_pin.paths import shipped_maps

#: Symbols per release in glibc's own ABI lists.
COUNTS = {"2.12": 2972, "2.19": 3094, "2.42": 4660}


@pytest.fixture(scope="module")
def text() -> str:
    return (shipped_maps() / "x86_64.map").read_text()


@pytest.mark.parametrize("release", ["2.12", "2.19", "2.42"])
def test_a_release_has_as_many_symbols_as_glibcs_own_lists(release: str) -> None:
    rows = default_maps().table("x86_64").view(parse_release(release)).rows
    assert sum(row.type != "N" for row in rows) == COUNTS[release]


def test_formatting_a_parsed_table_gives_the_same_bytes(text: str) -> None:
    assert format_table(parse_table(text, "x86_64.map")) == text


def test_no_two_rows_of_one_symbol_and_library_overlap() -> None:
    seen: dict[tuple[str, str, str], list[tuple[Release, Release]]] = {}
    for row in default_maps().table("x86_64").rows:
        seen.setdefault((row.soname, row.symbol, row.version), []).append(row.span)
    for spans in seen.values():
        ordered = sorted(spans)
        assert all(earlier[1] < later[0] for earlier, later in pairwise(ordered))


@pytest.mark.parametrize("arch", default_maps().architectures)
def test_each_symbol_has_at_most_one_default_version_in_a_library(arch: str) -> None:
    table = default_maps().table(arch)
    for minor in range(table.covered.first.minor, table.covered.last.minor + 1):
        for library in table.view(Release(2, minor)).libraries.values():
            names = [export.symbol for export in library.exports if export.default]
            assert len(names) == len(set(names)), (minor, library.soname)


def test_a_symbol_that_moved_to_libc_is_two_rows() -> None:
    homes = {
        (row.soname, row.version, str(row.span)) for row in default_maps().table("x86_64").history("pthread_create")
    }
    assert homes == {
        ("libpthread.so.0", "GLIBC_2.2.5", "2.12-2.33"),
        ("libc.so.6", "GLIBC_2.2.5", "2.34-"),
        ("libc.so.6", "GLIBC_2.34", "2.34-"),
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\t2.12-\t", "\ttwelve\t"),
        ("\t@@\tF", "\t@@@\tF"),
        ("\t@@\tF", "\t@@\tQ"),
        ("\t0x8", "\tx8"),
        ("libc.so.6\tenviron\t", "libc.so.6 environ "),
    ],
)
def test_a_broken_row_is_named_by_file_and_line(text: str, old: str, new: str) -> None:
    line = 1 + text[: text.index(old)].count("\n")
    with pytest.raises(MapsError, match=rf"some\.map:{line}: broken row"):
        parse_table(text.replace(old, new, 1), "some.map")


@pytest.mark.parametrize("broken", ["", "#!/bin/sh\n", "# symver-pin map 2\n# arch x86_64\n# releases 2.12-2.43\n"])
def test_a_file_of_another_format_is_refused(broken: str) -> None:
    with pytest.raises(MapsError, match="not a symver-pin map"):
        parse_table(broken, "some.map")


def test_a_release_that_the_table_does_not_cover_is_refused() -> None:
    with pytest.raises(UsageError, match=r"2\.99 is outside .* 2\.12 to 2\.43"):
        default_maps().table("x86_64").view(Release(2, 99))


def test_the_gcc_runtime_of_an_era_lacks_younger_nodes() -> None:
    runtime = default_maps().table("x86_64-gcc")
    nodes = runtime.view(Release(4, 8)).libraries["libgcc_s.so.1"].nodes
    assert "GCC_4.7.0" in nodes and "GCC_7.0.0" not in nodes and "GCC_12.0.0" not in nodes
    stdcxx = runtime.view(Release(4, 8)).libraries["libstdc++.so.6"].nodes
    assert "GLIBCXX_3.4.19" in stdcxx and "GLIBCXX_3.4.20" not in stdcxx


@pytest.mark.parametrize(
    ("word", "glibc", "gcc"),
    [
        ("2.19", "2.19", "4.8"), ("debian8", "2.19", "4.9"), ("Ubuntu 14.04", "2.19", "4.8"), ("rhel7", "2.17", "4.8"),
        ("CentOS 7", "2.17", "4.8"), ("manylinux2014", "2.17", "4.8"), ("manylinux_2_28", "2.28", "7.0"),
        ("glibc-2.31", "2.31", "9.0"), ("2.18", "2.18", "4.8"), ("2.43", "2.43", "15.0"),
    ],
)  # fmt: skip
def test_a_target_is_a_release_or_a_platform(word: str, glibc: str, gcc: str) -> None:
    target = default_maps().target(word)
    assert (str(target.glibc), str(target.gcc)) == (glibc, gcc)


def test_every_platform_resolves_to_its_own_row() -> None:
    for platform in default_maps().platforms:
        assert default_maps().target(platform.id)[1:] == (platform.glibc, platform.gcc)


def test_dump_prints_one_sorted_line_an_export() -> None:
    done = symver_pin_command("maps", "dump", "--arch", "x86_64", "--glibc", "2.19")
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and len(lines) == COUNTS["2.19"] and lines == sorted(lines)
    assert "libc.so.6 environ@@GLIBC_2.2.5\tD\t0x8" in lines
    assert "libc.so.6 memcpy@GLIBC_2.2.5\tF\t" in lines
    assert "libc.so.6 memcpy@@GLIBC_2.14\tF\t" in lines


def test_list_names_the_architecture_and_the_releases() -> None:
    assert "x86_64\tglibc 2.12 to 2.43" in symver_pin_command("maps", "list").stdout


SUN_RPC_GAP = {Release(2, 14), Release(2, 15)}
"""Its releases that keep Sun RPC for old programs only. From 2.16 on distributions build it for new programs again."""


@pytest.mark.parametrize("arch", default_maps().architectures)
def test_a_symbol_with_a_default_in_two_releases_has_one_between(arch: str) -> None:
    """Nor does a library lose a default and get it back, but for Sun RPC in x86_64's libc."""
    table = default_maps().table(arch)
    defaults: dict[tuple[str, str], set[Release]] = {}
    for row in table.rows:
        if row.default and row.symbol != NO_SYMBOL:
            spanned = {release for release in table.axis.releases if release in row.span}
            defaults.setdefault((row.soname, row.symbol), set()).update(spanned)
            defaults.setdefault(("any", row.symbol), set()).update(spanned)
    gaps = {}
    for key, found in defaults.items():
        between = {release for release in table.axis.releases if min(found) < release < max(found)}
        if between - found:
            gaps[key] = between - found
    assert set(map(frozenset, gaps.values())) <= ({frozenset(SUN_RPC_GAP)} if arch == "x86_64" else set()), gaps
    assert len(gaps) == (2 * 152 if arch == "x86_64" else 0)
