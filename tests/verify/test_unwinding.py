"""Signed return addresses, which older unwinders take for something else: found in files, and avoided by kits."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import cross_kit, run
from repair.test_aarch64 import PREFIX, Emulated, root
from symver_pin.elf.call_frames import NEGATE_RA_STATE, functions_with
from symver_pin.elf.constants import PT_GNU_EH_FRAME
from symver_pin.elf.image import load_image
from symver_pin.verifier import verify

__all__ = ["root"]  # the fixture

THROWS = r"""
#include <cstdio>
#include <stdexcept>
struct Local { ~Local() { std::puts("destroyed"); } };
__attribute__((noinline)) int deep(int depth)
{
    Local local;
    volatile char room[100];
    room[depth] = 1;
    if (depth == 0)
        throw std::runtime_error("thrown");
    return deep(depth - 1) + room[0];
}
int main()
{
    try {
        deep(2);
    } catch (const std::exception &) {
        std::puts("caught");
    }
}
"""
SAID = "destroyed\n" * 3 + "caught\n"
SIGNED, UNSIGNED = "-mbranch-protection=standard", "-mbranch-protection=none"


def compiled(folder: Path, *words: str | Path) -> Path:
    (folder / "throws.cc").write_text(THROWS)
    program = folder / "throws"
    succeeded(run([*words, folder / "throws.cc", "-o", program]))
    return program


@pytest.fixture(scope="module")
def cxx() -> str:
    return need_tool(f"{PREFIX}-g++")


@pytest.mark.parametrize(
    ("flags", "glibc", "is_found"),
    [
        ((SIGNED,), "2.17", True),  # GCC 4.8
        ((SIGNED,), "2.24", True),  # GCC 6.3, Debian 9
        ((SIGNED,), "2.28", False),
        ((SIGNED, "-static-libgcc", "-static-libstdc++"), "2.17", False),
        ((UNSIGNED,), "2.17", False),
    ],
)
def test_exceptions_in_functions_that_sign_are_found(
    cxx: str, flags: tuple[str, ...], glibc: str, is_found: bool, tmp_path: Path
) -> None:
    program = compiled(tmp_path, cxx, *flags)
    verdict = verify([program], glibc).files[0]
    assert ("signed-returns" in [finding.kind for finding in verdict.findings]) == is_found
    runs_on = {platform.id for platform in verdict.runs_on}
    assert "debian-9" not in runs_on or SIGNED not in flags


def test_a_kit_brings_an_unwinder_that_gets_through(cxx: str, root: Path, tmp_path: Path) -> None:
    kit = cross_kit("aarch64", "2.17", tmp_path / "cache")
    program = compiled(tmp_path, kit / "bin/c++", SIGNED)
    assert verify([program], "2.17").files[0].verdict == "ok"
    assert succeeded(run([need_tool("qemu-aarch64"), "-L", root, program])) == SAID


def test_a_repaired_program_brings_one_too(cxx: str, root: Path, tmp_path: Path) -> None:
    program = Emulated(tmp_path, root).build(THROWS, SIGNED)
    assert Emulated(tmp_path, root).runs(program) == SAID
    assert (tmp_path / "out/libgcc_s.so.1").is_file()


def test_the_instruction_is_found_where_readelf_finds_it(cxx: str, tmp_path: Path) -> None:
    names = ("libstdc++.so.6", "libgcc_s.so.1", "libc.so.6")
    printed = [succeeded(run([cxx, f"-print-file-name={name}"])).strip() for name in names]
    files = [Path(path) for path in printed]
    for number, flags in enumerate([(SIGNED,), (UNSIGNED,), (SIGNED, "-static-libstdc++", "-static-libgcc")]):
        folder = tmp_path / str(number)
        folder.mkdir()
        files.append(compiled(folder, cxx, *flags))
    for file in files:
        shown = subprocess.run([f"{PREFIX}-readelf", "--debug-dump=frames", file], capture_output=True, text=True)
        expected, function = set(), 0
        for line in shown.stdout.splitlines():
            if found := re.search(r" FDE .* pc=([0-9a-f]+)\.\.", line):
                function = int(found[1], 16)
            elif "DW_CFA_AARCH64_negate_ra_state" in line or "DW_CFA_GNU_window_save" in line:
                expected.add(function)
        assert set(functions_with(load_image(file), NEGATE_RA_STATE)) == expected, file
    assert any(functions_with(load_image(files[3]), NEGATE_RA_STATE))


def test_broken_unwind_information_has_no_instruction(cxx: str, tmp_path: Path) -> None:
    program = compiled(tmp_path, cxx, SIGNED)
    whole = program.read_bytes()
    image = load_image(program)
    frames = image.first(PT_GNU_EH_FRAME)
    assert frames is not None
    end = frames.offset + frames.file_size
    for place in range(end, min(end + 400, len(whole))):  # .eh_frame follows its table
        changed = bytearray(whole)
        changed[place] ^= 0xFF
        program.write_bytes(bytes(changed))
        list(functions_with(load_image(program), NEGATE_RA_STATE))
    for size in range(frames.offset, end + 400, 7):
        program.write_bytes(whole[:size])
        verify([program], "2.17")
