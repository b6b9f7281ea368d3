"""The tables against glibc's own ABI lists: for each architecture and release the same symbols, types and sizes."""

from __future__ import annotations

from pathlib import Path

import pytest

from maps.list_digests import digest
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release, parse_release
from symver_pin.machine.architectures import find_arch

ROWS = [line.split("\t") for line in Path(__file__).with_name("lists.tsv").read_text().splitlines() if line[0] != "#"]


def library_name(soname: str, arch: str) -> str:
    """What the lists call a library."""
    return "ld" if soname == find_arch(arch).loader else soname.partition(".so")[0]


@pytest.mark.parametrize("arch", default_maps().architectures)
def test_every_release_exports_what_glibcs_own_lists_say(arch: str) -> None:
    table = default_maps().table(arch)
    listed = {release: (int(count), known) for release, name, count, known in ROWS if name == arch}
    assert len(listed) >= 7
    for release, expected in listed.items():
        lines = []
        for row in table.view(parse_release(release)).rows:
            if row.type != "N":
                size = [f"{row.size:#x}"] if row.type in "DT" else []
                lines.append(" ".join((library_name(row.soname, arch), row.symbol, row.version, row.type, *size)))
        assert (len(lines), digest(lines)) == expected, release


@pytest.mark.parametrize("arch", default_maps().architectures)
def test_earlier_releases_export_the_oldest_list_less_the_younger_nodes(arch: str) -> None:
    table = default_maps().table(arch)
    oldest = parse_release(min((row[0] for row in ROWS if row[1] == arch), key=lambda text: parse_release(text)))
    reference = {(row.soname, row.symbol, row.version) for row in table.view(oldest).rows if row.type != "N"}
    for minor in range(table.covered.first.minor, oldest.minor):
        rows = {(r.soname, r.symbol, r.version) for r in table.view(Release(2, minor)).rows if r.type != "N"}
        younger = {key for key in reference if key[2].startswith("GLIBC_2.1") and _release(key[2]) > Release(2, minor)}
        extra = {("libc.so.6", "scalbln", "GLIBC_2.2.5")} if arch == "x86_64" and minor < 15 else set()
        assert rows == (reference - younger) | extra, minor


def _release(node: str) -> Release:
    major, minor = node.removeprefix("GLIBC_").split(".")[:2]
    return Release(int(major), int(minor))


def test_there_are_nine_architectures() -> None:
    assert set(default_maps().architectures) == {
        "x86_64",
        "i386",
        "aarch64",
        "arm",
        "powerpc64le",
        "s390x",
        "riscv64",
        "loongarch64",
        "mips64",
    }
