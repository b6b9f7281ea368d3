"""The platforms: their table against real libraries, names that resolve, and where a binary runs."""

from __future__ import annotations

import re
from itertools import groupby, pairwise
from pathlib import Path

import pytest

from conftest import need_root
from pinning import dynamic_of
from symver_pin.errors import MapsError, UsageError
from symver_pin.glibc.maps import Maps, default_maps
from symver_pin.glibc.platform_index import PlatformIndex
from symver_pin.glibc.platform_libraries import describe_packages, parse_platform_libraries, parse_platform_openssl
from symver_pin.glibc.platforms import ROLLING, Platform, gcc_of
from symver_pin.glibc.release import Release, ReleaseAxis, ReleaseSet, Span, node_release, node_sort_key, parse_release
from symver_pin.paths import shipped_maps
from symver_pin.report.platforms import summarize

PLATFORMS = default_maps().platforms
MAPS = default_maps()
INDEX = PlatformIndex(PLATFORMS, MAPS.runtime_nodes, MAPS.platform_libraries, MAPS.platform_openssl)
BY_ID = {platform.id: platform for platform in PLATFORMS}

#: The real runtimes, and the platform that each was taken from.
REAL = {"2.17": "rhel7", "2.31": "debian11", "2.36": "debian12", "2.41": "debian13", "2.43": "debiansid"}


def real_nodes(release: str, library: str) -> dict[str, str]:
    """The newest numbered node of each family that a library of a runtime root defines."""
    (path, *_) = sorted(need_root(release).rglob(library))
    newest: dict[str, str] = {}
    for definition in dynamic_of(path).definitions:
        family, _, number = definition.version.partition("_")
        if number.replace(".", "").isdigit():
            newest[family] = max(newest.get(family, definition.version), definition.version, key=node_sort_key)
    return newest


@pytest.mark.parametrize("release", [release for release in REAL if release != "2.43"])
def test_a_row_has_the_newest_nodes_of_the_real_libraries(release: str) -> None:
    row = BY_ID[REAL[release]]
    assert str(row.glibc) == release
    assert real_nodes(release, "libgcc_s.so.1")["GCC"] == row.gcc_node
    stdcxx = real_nodes(release, "libstdc++.so.6")
    assert (stdcxx["GLIBCXX"], stdcxx["CXXABI"]) == (row.glibcxx_node, row.cxxabi_node)


def test_sid_moves_but_loses_no_node() -> None:
    row = BY_ID["debiansid"]
    stdcxx = real_nodes("2.43", "libstdc++.so.6")
    assert row.ends == ROLLING
    assert node_sort_key(row.gcc_node) <= node_sort_key(real_nodes("2.43", "libgcc_s.so.1")["GCC"])
    assert node_sort_key(row.glibcxx_node) <= node_sort_key(stdcxx["GLIBCXX"])
    assert node_sort_key(row.cxxabi_node) <= node_sort_key(stdcxx["CXXABI"])


def node_dates() -> dict[str, Release]:
    lines = (shipped_maps() / "runtime_nodes.tsv").read_text().splitlines()
    return {node: parse_release(gcc) for node, gcc in (line.split("\t") for line in lines if line[0] != "#")}


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.id)
def test_the_nodes_of_a_row_are_those_of_its_gcc(platform: Platform) -> None:
    dates = node_dates()
    assert dates[platform.glibcxx_node] <= platform.gcc and dates[platform.cxxabi_node] <= platform.gcc
    of_series = [node for node, gcc in dates.items() if gcc == platform.gcc and re.match(r"GLIBCXX_3\.4\.\d+$", node)]
    # Profiles are less than any GCC; Fedora 40 began with a GCC 14 of before its node was made.
    if of_series and platform.family != "manylinux" and platform.id != "fedora40":
        assert platform.glibcxx_node in of_series
    if platform.id != "manylinux1":  # whose policy takes a node that was backported
        node = node_release(platform.gcc_node)
        assert node is not None and node <= platform.gcc


def test_a_family_stands_together_and_only_grows() -> None:
    families = [(family, list(rows)) for family, rows in groupby(PLATFORMS, lambda platform: platform.family)]
    assert len(families) == len({family for family, _ in families})
    for _, rows in families:
        for older, newer in pairwise(rows):
            assert older.glibc <= newer.glibc, newer.id
            if newer.family != "SLES":  # whose service packs of 12 went on beside 15
                assert older.gcc <= newer.gcc, newer.id
                assert (older.released or "") <= (newer.released or "9"), newer.id


def test_every_release_of_the_great_families_is_there() -> None:
    expected = {f"debian{n}" for n in range(7, 14)} | {f"fedora{n}" for n in range(20, 45)}
    expected |= {f"{name}{n}" for name in ("rhel", "oracle") for n in range(6, 11)}
    expected |= {f"{name}{n}" for name in ("alma", "rocky", "centosstream") for n in (8, 9, 10)}
    ubuntus = {f"ubuntu{year}.{month}" for year in range(12, 26) for month in ("04", "10")} | {"ubuntu26.04"}
    assert expected | ubuntus <= set(BY_ID)


@pytest.mark.parametrize(
    ("word", "id_"),
    [
        ("jessie", "debian8"), ("Trusty", "ubuntu14.04"), ("CentOS 7", "centos7"), ("ubuntu:22.04", "ubuntu22.04"),
        ("AlmaLinux 9", "alma9"), ("Rocky Linux 8", "rocky8"), ("al2023", "amazon2023"), ("el8", "rhel8"),
        ("openSUSE Leap 15.6", "leap15.6"), ("manylinux_2_17", "manylinux2014"), ("sniper", "sniper"),
        ("SLES 12 SP3", "sles12sp3"), ("kirkstone", "yocto4.0"), ("sid", "debiansid"), ("Fedora 40", "fedora40"),
    ],
)  # fmt: skip
def test_a_platform_has_many_spellings(word: str, id_: str) -> None:
    assert default_maps().target(word) == (id_, BY_ID[id_].glibc, BY_ID[id_].gcc)


def test_an_unknown_platform_gets_near_names() -> None:
    with pytest.raises(UsageError, match=r"'debain8'.*debian8.*symver-pin platforms"):
        default_maps().target("debain8")


def test_a_platform_below_the_symbol_tables_says_where_they_start() -> None:
    target = default_maps().target("manylinux1")
    with pytest.raises(UsageError, match=r"release 2\.5 is outside .* 2\.12 to "):
        default_maps().table("x86_64").view(target.glibc)


def test_a_glibc_release_means_the_oldest_gcc_beside_it_that_lasted() -> None:
    assert BY_ID["ubuntu13.04"].glibc == Release(2, 17) and BY_ID["ubuntu13.04"].gcc == Release(4, 7)
    assert gcc_of(Release(2, 17), PLATFORMS) == Release(4, 8)
    assert gcc_of(Release(2, 17), (BY_ID["ubuntu13.04"],)) == Release(4, 7)
    assert gcc_of(Release(2, 22), PLATFORMS) == Release(5, 0)


AXIS = ReleaseAxis(tuple(Release(2, minor) for minor in range(12, 44)))


def from_on(lowest: str) -> ReleaseSet:
    """The set of the releases from one on."""
    return AXIS.everything & ~AXIS.before(parse_release(lowest))


def ids(lowest: str, **nodes: str) -> set[str]:
    return {platform.id for platform in INDEX.running(from_on(lowest), AXIS, nodes.values())}


def test_the_lowest_glibc_decides_not_the_highest_node() -> None:
    # Every symbol of 2.17 or older: RHEL 7 runs it though it was built for 2.19.
    assert {"rhel7", "debian8", "manylinux2014"} <= ids("2.17", GLIBC="GLIBC_2.17")
    # No node is too new, but a library that 2.34 merged into libc is not named.
    assert "rhel8" not in ids("2.34", GLIBC="GLIBC_2.2.5") and "rhel9" in ids("2.34", GLIBC="GLIBC_2.2.5")


def test_a_shared_cxx_runtime_counts_too() -> None:
    assert {"debian9", "ubuntu16.10"} <= ids("2.14", GLIBCXX="GLIBCXX_3.4.22")
    assert not {"debian8", "ubuntu16.04", "rhel7"} & ids("2.14", GLIBCXX="GLIBCXX_3.4.22")
    fedoras = ids("2.14", GLIBCXX="GLIBCXX_3.4.27")
    assert "fedora31" in fedoras and "fedora30" not in fedoras
    assert "debian11" not in ids("2.14", GCC="GCC_12.0.0") and "debian12" in ids("2.14", GCC="GCC_12.0.0")
    assert "debian12" not in ids("2.14", CXXABI="CXXABI_1.3.15")


def test_nodes_of_other_architectures_count_by_the_release_in_their_name() -> None:
    assert "rhel9" in ids("2.17", GCC="GCC_11.0") and "rhel8" not in ids("2.17", GCC="GCC_11.0")


def test_a_family_that_the_table_does_not_know_excludes_nothing() -> None:
    assert ids("2.19", OPENSSL="OPENSSL_9.9") == ids("2.19")


def test_what_runs_on_no_release_runs_on_no_platform() -> None:
    assert INDEX.running(0, AXIS, ()) == ()
    assert summarize((), PLATFORMS) == "runs on: no platform that is known"


def test_the_summary_names_the_oldest_that_runs_and_the_newest_that_does_not() -> None:
    line = summarize(INDEX.running(from_on("2.19"), AXIS, ()), PLATFORMS)
    assert line == (
        "runs on: Debian 8+, Ubuntu 14.04+, RHEL 8+, Amazon Linux 2+, Fedora 21+, openSUSE 13.2+, SLES 12+; "
        "not on: Amazon Linux 2018.03, RHEL 7, Fedora 20, Ubuntu 13.10, Debian 7"
    )
    assert "; not on" not in summarize(PLATFORMS, PLATFORMS)


@pytest.mark.parametrize(
    ("soname", "has", "lacks"),
    [
        ("libssl.so.1.1", {"debian9", "debian11", "rhel8", "ubuntu20.04"}, {"debian8", "debian12", "rhel7", "rhel9"}),
        ("libcrypto.so.3", {"debian12", "rhel9", "fedora44"}, {"debian11", "rhel8", "fedora35"}),
        ("libcrypt.so.1", {"rhel9", "fedora44", "debian12", "rhel7"}, set()),
        ("libunknown.so.1", {"debian8", "rhel7"}, set()),
    ],
)
def test_a_platform_that_is_known_to_lack_a_library_is_left_out(soname: str, has: set[str], lacks: set[str]) -> None:
    found = {platform.id for platform in INDEX.running(AXIS.everything, AXIS, (), [soname])}
    assert has <= found and not lacks & found


@pytest.mark.parametrize(
    ("node", "has", "lacks"),
    [
        ("OPENSSL_3.0.0", {"debian12", "rhel9", "ubuntu22.04"}, {"debian11", "rhel8"}),
        ("OPENSSL_3.0.3", {"debian12", "ubuntu24.04", "rhel10"}, {"rhel9", "ubuntu22.04", "fedora36"}),
        ("OPENSSL_1_1_1b", {"debian10", "fedora30"}, {"rhel8", "debian9", "ubuntu18.10"}),
        ("OPENSSL_1.0.1_EC", {"rhel7", "fedora20"}, {"rhel6"}),
        ("OPENSSL_OF_A_VENDOR", {"debian8", "rhel6"}, set()),
    ],
)
def test_nodes_of_openssl_are_on_platforms_with_that_release(node: str, has: set[str], lacks: set[str]) -> None:
    found = {platform.id for platform in INDEX.running(AXIS.everything, AXIS, (node,))}
    assert has <= found and not lacks & found
    assert "yocto5.0" in found, "nothing is known of it"


def test_each_platform_with_openssl_has_the_soname_of_its_release() -> None:
    """1.1.x is libssl.so.1.1, 3.x is libssl.so.3: the two tables agree wherever both know a platform."""
    by_id = {platform.id: platform for platform in PLATFORMS}
    for id_, release in MAPS.platform_openssl.items():
        soname = {(1, 1): "libssl.so.1.1", (3,): "libssl.so.3"}.get(release[:2] if release[0] == 1 else (3,))
        library = MAPS.platform_libraries.get(soname or "")
        if library and by_id[id_].family in library.families:
            assert id_ in library.packages, (id_, release, soname)


def test_a_broken_row_of_openssl_is_named() -> None:
    for line in ("debian8\n", "debian99\t1.1.1\n", "debian8\tthree\n"):
        with pytest.raises(MapsError, match=r"x\.tsv:1: broken row"):
            parse_platform_openssl(line, "x.tsv", PLATFORMS)


def test_packages_that_are_left_out_of_installations_are_named() -> None:
    library = default_maps().platform_libraries["libcrypt.so.1"]
    text = describe_packages(library, PLATFORMS)
    assert text == "RHEL 9+, Amazon Linux 2023+, Fedora 30+ (libxcrypt-compat)"


def test_a_broken_row_of_libraries_is_named() -> None:
    for line in ("libx.so\tdebian8\t-\n", "libx.so\tdebian99\t-\t-\tsource\n"):
        with pytest.raises(MapsError, match=r"x\.tsv:1: broken row"):
            parse_platform_libraries(line, "x.tsv", PLATFORMS)


def test_the_summary_names_the_last_that_runs_where_loading_ends() -> None:
    """A program that is bound to a symbol which only 2.12 to 2.14 have (``scalbln`` of libc.so.6)."""
    loads = AXIS.within(Span(Release(2, 12), Release(2, 14)))
    assert {"debian7", "rhel6"} <= {platform.id for platform in INDEX.running(loads, AXIS, ())}
    line = summarize(INDEX.running(loads, AXIS, ()), PLATFORMS)
    assert line.startswith("runs on: Debian 7, RHEL 6; not on: ") and "RHEL 7" in line and "Debian 8" in line
    later = AXIS.within(Span(Release(2, 19), Release(2, 31)))
    assert "Debian 8 to 11" in summarize(INDEX.running(later, AXIS, ()), PLATFORMS)


ROW = "debian8\tDebian\t8\t2.19\tGCC_4.8.0\tGLIBCXX_3.4.20\tCXXABI_1.3.8\t4.9\t3.16\t2015-04\t2020-06-30\tjessie"


def test_a_row_is_read_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "platforms.tsv").write_text(f"# comment\n\n{ROW}\n")
    (row,) = Maps(tmp_path).platforms
    assert (row.name, row.glibc, row.gcc, row.kernel, row.aliases) == ("Debian 8", (2, 19), (4, 9), "3.16", ("jessie",))
    assert row.lifetime == 62


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\t2.19\t", "\ttwo\t"), ("\t4.9\t", "\t\t"), ("GCC_4.8.0", "4.8.0"), ("CXXABI_1.3.8", "GLIBCXX_1.3.8"),
        ("\t2015-04\t", "\tApril\t"), ("\tjessie", ""), ("\tjessie", "\tjessie\tmore"), ("\tjessie", "\tdebian7"),
    ],
)  # fmt: skip
def test_a_broken_row_is_named_by_file_and_line(tmp_path: Path, old: str, new: str) -> None:
    first = ROW.replace("debian8", "debian7").replace("jessie", "wheezy")
    (tmp_path / "platforms.tsv").write_text(f"{first}\n{ROW.replace(old, new, 1)}\n")
    with pytest.raises(MapsError, match=r"platforms\.tsv:2: broken row"):
        _ = Maps(tmp_path).platforms


def test_an_empty_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "platforms.tsv").write_text("# nothing\n")
    with pytest.raises(MapsError, match="no platform"):
        _ = Maps(tmp_path).platforms


def test_updates_end_on_the_last_day_of_their_month() -> None:
    trusty = BY_ID["ubuntu14.04"]
    assert trusty.ends == "2019-04" and not trusty.ended("2019-04-30") and trusty.ended("2019-05-01")
    jessie = BY_ID["debian8"]
    assert not jessie.ended("2020-06-30") and jessie.ended("2020-07-01")
    assert not BY_ID["debiansid"].ended("2999-01-01") and not BY_ID["manylinux1"].ended("2999-01-01")
