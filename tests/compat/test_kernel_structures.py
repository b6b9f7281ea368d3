"""Structures that compat objects hand to the kernel have the layout that it expects, on every architecture.

libc's `struct stat` has not: on MIPS and on 32-bit targets `stat` must not be the system call.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from conftest import need_tool, succeeded
from cross import EMULATORS

TABLE = Path(__file__).with_name("kernel_structures.tsv")
ROWS = [line.split("\t") for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
COMPILERS = ["gcc", *(f"{triplet}-gcc" for triplet in EMULATORS)]
SIZE_ONLY = "-"


def layout(compiler: str, header: str, structure: str, fields: Sequence[str], folder: Path) -> list[int]:
    """The size of a structure and the offsets of its fields, as sizes of arrays in an object file."""
    lines = ["#include <stddef.h>", f"#include <{header}>", f"char size[sizeof({structure})];"]
    lines += [f"char at_{number}[offsetof({structure}, {field}) + 1];" for number, field in enumerate(fields)]
    source, compiled = folder / "layout.c", folder / "layout.o"
    source.write_text("\n".join(lines) + "\n")
    command: list[str | Path] = [
        need_tool(compiler),
        "-D_GNU_SOURCE",
        "-U_TIME_BITS",
        "-U_FILE_OFFSET_BITS",
        "-fno-common",
        "-c",
        source,
        "-o",
        compiled,
    ]
    succeeded(subprocess.run(command, capture_output=True, text=True))
    with compiled.open("rb") as stream:
        table = ELFFile(stream).get_section_by_name(".symtab")
        sizes = {symbol.name: symbol["st_size"] for symbol in table.iter_symbols()}
    return [sizes["size"], *(sizes[f"at_{number}"] - 1 for number in range(len(fields)))]


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize(("structure", "header", "kernels", "kernels_header", "fields"), ROWS, ids=lambda cell: cell)
def test_libcs_structure_is_the_kernels(
    compiler: str, structure: str, header: str, kernels: str, kernels_header: str, fields: str, tmp_path: Path
) -> None:
    names = [] if fields == SIZE_ONLY else fields.split()
    libcs = layout(compiler, header, structure, names, tmp_path)
    assert libcs == layout(compiler, kernels_header, kernels, names, tmp_path)
