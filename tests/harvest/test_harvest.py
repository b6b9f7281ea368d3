"""ABI lists and libraries in, one table out."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import CompileC, need_root
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import load_image
from symver_pin.errors import HarvestError
from symver_pin.glibc.release import Release
from symver_pin.glibc.table import format_table
from symver_pin.harvest import abilist
from symver_pin.harvest.libraries import glibc_release, read_library
from symver_pin.harvest.merge import merge
from symver_pin.harvest.observation import Observation
from symver_pin.machine.architectures import find_arch

X86_64 = find_arch("x86_64")
RELEASES = [Release(2, minor) for minor in range(12, 21)]


def write_list(tree: Path, release: str, library: str, text: str) -> None:
    folder = tree / release / "x86_64"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{library}.abilist").write_text(text)


def listed(release: int, symbol: str, version: str, soname: str = "libc.so.6", kind: str = "F") -> Observation:
    return Observation("x86_64", Release(2, release), soname, symbol, version, kind, 0, None, None, True)


def real(release: int, symbol: str, version: str, default: bool, alias: str = "") -> Observation:
    return Observation("x86_64", Release(2, release), "libc.so.6", symbol, version, "F", 0, default, alias, False)


def rows(observations: list[Observation], withdrawn: dict[tuple[str, str], Release] | None = None) -> list[str]:
    """The merged table's rows as text."""
    return format_table(merge("x86_64", observations, RELEASES, {}, withdrawn or {})).splitlines()[4:]


def test_both_formats_of_abi_lists_are_read(tmp_path: Path) -> None:
    write_list(tmp_path, "2.16", "libc", "GLIBC_2.2.5\n GLIBC_2.2.5 A\n environ D 0x8\n exit F\nGLIBC_2.3\n dup3 F\n")
    write_list(tmp_path, "2.20", "libc", "GLIBC_2.2.5 environ D 0x8\nGLIBC_2.2.5 exit F\nGLIBC_2.3 dup3 F\n")
    seen = [item[2:7] for item in abilist.read_list_tree(tmp_path)]
    one = [
        ("libc.so.6", "environ", "GLIBC_2.2.5", "D", 8),
        ("libc.so.6", "exit", "GLIBC_2.2.5", "F", 0),
        ("libc.so.6", "dup3", "GLIBC_2.3", "F", 0),
    ]
    assert seen == one + one


@pytest.mark.parametrize("line", ["GLIBC_2.2.5 exit", "GLIBC_2.2.5 exit Q", "GLIBC_2.2.5 environ D", " environ D zz"])
def test_a_broken_line_of_a_list_is_named(tmp_path: Path, line: str) -> None:
    write_list(tmp_path, "2.20", "libc", f"GLIBC_2.2.5 abort F\n{line}\n")
    with pytest.raises(HarvestError, match=r"libc\.abilist:2: broken ABI list line"):
        list(abilist.read_list_tree(tmp_path))


def test_releases_before_the_first_list_lack_the_younger_nodes() -> None:
    observations = [listed(16, "exit", "GLIBC_2.2.5"), listed(16, "scandirat", "GLIBC_2.15")]
    observations += [
        listed(minor, name, node)
        for minor in range(17, 21)
        for name, node in (("exit", "GLIBC_2.2.5"), ("scandirat", "GLIBC_2.15"))
    ]
    assert rows(observations) == [
        "libc.so.6\texit\tGLIBC_2.2.5\t2.12-\t@@\tF",
        "libc.so.6\tscandirat\tGLIBC_2.15\t2.15-\t@@\tF",
    ]


def test_a_younger_node_displaces_the_default() -> None:
    observations = [listed(minor, "memcpy", "GLIBC_2.2.5") for minor in range(16, 21)]
    observations += [listed(minor, "memcpy", "GLIBC_2.18") for minor in range(18, 21)]
    assert rows(observations) == [
        "libc.so.6\tmemcpy\tGLIBC_2.18\t2.18-\t@@\tF",
        "libc.so.6\tmemcpy\tGLIBC_2.2.5\t2.12-2.17\t@@\tF",
        "libc.so.6\tmemcpy\tGLIBC_2.2.5\t2.18-\t@\tF",
    ]


def test_a_symbol_retired_between_two_libraries_counts_as_linkable_until_seen_retired() -> None:
    observations = [listed(minor, "gets", "GLIBC_2.2.5") for minor in range(16, 21)]
    observations += [real(16, "gets", "GLIBC_2.2.5", True), real(19, "gets", "GLIBC_2.2.5", False)]
    assert rows(observations) == [
        "libc.so.6\tgets\tGLIBC_2.2.5\t2.12-2.18\t@@\tF",
        "libc.so.6\tgets\tGLIBC_2.2.5\t2.19-\t@\tF",
    ]


def test_a_symbol_retired_between_two_libraries_ends_where_glibcs_sources_say() -> None:
    observations = [listed(minor, "gets", "GLIBC_2.2.5") for minor in range(16, 21)]
    observations += [real(16, "gets", "GLIBC_2.2.5", True), real(20, "gets", "GLIBC_2.2.5", False)]
    assert rows(observations, {("libc.so.6", "gets"): Release(2, 18)}) == [
        "libc.so.6\tgets\tGLIBC_2.2.5\t2.12-2.17\t@@\tF",
        "libc.so.6\tgets\tGLIBC_2.2.5\t2.18-\t@\tF",
    ]


def test_a_newer_node_that_no_library_links_with_displaces_nothing() -> None:
    """``setjmp@GLIBC_2.19`` of s390x was withdrawn; releases that were not observed are as those around them."""
    observations = [listed(minor, "setjmp", "GLIBC_2.2.5") for minor in range(16, 21)]
    observations += [listed(minor, "setjmp", "GLIBC_2.17") for minor in range(17, 21)]
    for minor in (16, 18, 20):
        observations.append(real(minor, "setjmp", "GLIBC_2.2.5", True))
        if minor > 16:
            observations.append(real(minor, "setjmp", "GLIBC_2.17", False))
    assert rows(observations) == [
        "libc.so.6\tsetjmp\tGLIBC_2.17\t2.17-\t@\tF",
        "libc.so.6\tsetjmp\tGLIBC_2.2.5\t2.12-\t@@\tF",
    ]


def test_functions_keep_an_alias_group_only_when_all_libraries_agree() -> None:
    observations = [listed(minor, "a", "GLIBC_2.2.5") for minor in range(16, 21)]
    agreeing = [real(16, "a", "GLIBC_2.2.5", True, "b"), real(20, "a", "GLIBC_2.2.5", True, "b")]
    assert rows(observations + agreeing)[0].endswith("\tb")
    disagreeing = [agreeing[0], real(20, "a", "GLIBC_2.2.5", True, "c")]
    assert rows(observations + disagreeing)[0].endswith("\tF")


def test_the_order_of_the_observations_does_not_matter() -> None:
    observations = [listed(minor, "memcpy", "GLIBC_2.2.5") for minor in range(16, 21)]
    observations += [listed(minor, "memcpy", "GLIBC_2.18") for minor in range(18, 21)]
    assert rows(observations) == rows(observations[::-1])


def test_a_real_library_is_read_with_its_marks_and_aliases() -> None:
    libc = Dynamic(load_image(next(need_root("2.17").glob("**/libc.so.6"))))
    assert glibc_release(libc.image) == Release(2, 17)
    seen = {(o.symbol, o.version): o for o in read_library(libc, Release(2, 17), X86_64, "libc.so.6")}
    assert seen["environ", "GLIBC_2.2.5"].alias == seen["__environ", "GLIBC_2.2.5"].alias == "__environ"
    assert seen["memcpy", "GLIBC_2.2.5"].default is False and seen["memcpy", "GLIBC_2.14"].default is True
    # An IFUNC, which tools print as "OS specific".
    assert seen["clock_gettime", "GLIBC_2.17"].type == "F"


def test_a_library_without_glibcs_banner_is_refused(compile_c: CompileC) -> None:
    library = compile_c("int x;\n", "-shared", "-fPIC", name="libx.so")
    with pytest.raises(HarvestError, match="no GNU C Library banner"):
        glibc_release(load_image(library))
