"""Every structure that a function of glibc fills has room in the host's headers for what an old library writes.

`structures.tsv` has the sizes by the headers of glibc 2.17; the compilers of three architectures say those of the host.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from conftest import need_tool, succeeded
from pinning import run
from symver_pin.compat import table as compat_table
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release
from symver_pin.glibc.semantics import DIFFERENT, Semantics

TABLE = Path(__file__).with_name("structures.tsv")
COMPILERS = {"x86_64": "gcc", "aarch64": "aarch64-linux-gnu-gcc", "i386": "i686-linux-gnu-gcc"}
HEADERS_FIRST = ("sys/types.h", "stdint.h", "stdio.h", "netinet/in.h")
"""What some headers expect in front of them."""

OLDEST_HEADERS = Release(2, 17)
"""The release of the headers behind the table."""


class Structure(NamedTuple):
    """One row of the table."""

    type: str
    header: str
    sizes: dict[str, int]
    """Architecture -> the size in bytes by the headers of 2.17."""
    functions: tuple[str, ...]


def structures() -> list[Structure]:
    """The rows of the table."""
    lines = (line for line in TABLE.read_text().splitlines() if not line.startswith("#"))
    columns = [line.split("\t") for line in lines]
    return [
        Structure(c[0], c[1], dict(zip(COMPILERS, map(int, c[2:5]), strict=True)), tuple(c[5].split())) for c in columns
    ]


def sizes_on_host(compiler: str, rows: list[Structure], folder: Path) -> dict[str, int]:
    """Type -> its size by the headers of this compiler."""
    headers = dict.fromkeys((*HEADERS_FIRST, *(row.header for row in rows)))
    text = "".join(f"#include <{header}>\n" for header in headers)
    text += "".join(f"char size_{number}[sizeof({row.type})] = {{1}};\n" for number, row in enumerate(rows))
    source = folder / "sizes.c"
    source.write_text(text)
    said = succeeded(run([need_tool(compiler), "-D_GNU_SOURCE", "-w", "-S", "-o", "-", source]))
    found = {int(n): int(size) for n, size in re.findall(r"\.size\s+size_(\d+),\s*(\d+)", said)}
    return {row.type: found[number] for number, row in enumerate(rows)}


def differing(arch: str, folder: Path) -> dict[str, tuple[int, int]]:
    """Type -> its size in 2.17 and on this host, where they differ."""
    rows = structures()
    host = sizes_on_host(COMPILERS[arch], rows, folder)
    return {row.type: (row.sizes[arch], host[row.type]) for row in rows if row.sizes[arch] != host[row.type]}


def is_recorded(semantics: Semantics, function: str, arch: str) -> bool:
    """True if the table of semantics has a row for the function that is younger than the headers."""
    return bool(semantics.without_node(function, arch, OLDEST_HEADERS))


@pytest.mark.parametrize("arch", COMPILERS)
def test_a_structure_of_another_size_is_a_row_of_the_semantics(arch: str, tmp_path: Path) -> None:
    semantics = default_maps().semantics
    functions = {row.type: row.functions for row in structures()}
    found = differing(arch, tmp_path)
    untold = {
        type_: sizes
        for type_, sizes in found.items()
        if not all(is_recorded(semantics, f, arch) for f in functions[type_])
    }
    assert untold == {}


@pytest.mark.parametrize("arch", COMPILERS)
def test_a_structure_that_an_old_function_would_write_past_has_a_compat_object(arch: str, tmp_path: Path) -> None:
    semantics = default_maps().semantics
    functions = {row.type: row.functions for row in structures()}
    members = {row.symbol for row in compat_table.load() if row.needs_old_version}
    shorter = {type_ for type_, (old, host) in differing(arch, tmp_path).items() if host < old}
    for function in (function for type_ in shorter for function in functions[type_]):
        assert function in members
        assert all(m.verdict != DIFFERENT for m in semantics.without_node(function, arch, OLDEST_HEADERS))


def test_the_table_is_sorted_and_each_function_is_one_of_glibc() -> None:
    rows = structures()
    names = [row.type.removeprefix("struct ").lower() for row in rows]
    assert names == sorted(names) and len(set(names)) == len(names) == 129
    exported = {row.symbol for row in default_maps().table("x86_64").rows}
    inline = {"stat", "fstat", "lstat", "fstatat", "stat64", "fstat64", "lstat64", "fstatat64"}
    for row in rows:
        assert exported & set(row.functions) or inline & set(row.functions), row
