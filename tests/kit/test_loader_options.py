"""No option of the user's makes a linker write what the target's loader does not understand.

To add an option, add a line to ``OPTIONS``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import LINKERS, Pinned, cross_kit, dynamic_of, run
from symver_pin.elf.constants import DT_HASH, DT_RELR

DT_X86_64_PLT = 0x70000000
"""psABI of x86-64: where the PLT is, in files with marked PLT entries."""
DT_MIPS_XHASH = 0x70000036
"""What GNU ld writes for MIPS in place of DT_GNU_HASH."""
EI_ABIVERSION = 8

OPTIONS = {
    "-z pack-relative-relocs": ("-Wl,-z,pack-relative-relocs",),
    "--pack-dyn-relocs=relr": ("-Wl,--pack-dyn-relocs=relr",),
    "both": ("-Wl,-z,pack-relative-relocs", "-Wl,--pack-dyn-relocs=relr"),
    "-z mark-plt": ("-Wl,-z,mark-plt",),
}
NOT_UNDERSTOOD = frozenset({DT_RELR, DT_X86_64_PLT})


@pytest.mark.parametrize("mode", ["pie", "shared"])
@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("flags", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("place", ["on the line", "in a response file", "in a nested response file"])
def test_the_target_understands_the_result(
    pinned: Pinned, flags: tuple[str, ...], linker: str, mode: str, place: str
) -> None:
    plain = run(["gcc", "-fPIC", f"-fuse-ld={linker}", *flags, pinned.source("relative.c"), "-o", pinned.folder / "x"])
    words: tuple[str, ...] = flags
    if place != "on the line":
        pinned.write("flags", " ".join(flags))
        words = ("@flags",)
    if place == "in a nested response file":
        pinned.write("outer", "-O1 @flags\n")
        words = ("@outer",)
    done = pinned.try_link("relative.c", *words, linker=linker, mode=mode)
    assert (done.returncode == 0) == (plain.returncode == 0), done.stderr
    if done.returncode == 0:
        assert not NOT_UNDERSTOOD & dynamic_of(pinned.folder / "program").tags.keys()
    else:  # the linker does not know the option, and its own message says so
        assert any(flag.rpartition(",")[2].lstrip("-").partition("=")[0] in done.stderr for flag in flags)


@pytest.mark.parametrize("linker", LINKERS)
def test_a_nested_response_file_that_names_the_hosts_glibc_gives_a_pinned_program(pinned: Pinned, linker: str) -> None:
    libm = succeeded(run(["gcc", "-print-file-name=libm.so.6"])).strip()
    pinned.write("inner", f"{libm} -lpthread\n")
    outer = pinned.write("outer", "@inner\n")
    program = pinned.link("plain.c", "@outer", linker=linker)
    assert outer.read_text() == "@inner\n"
    pinned.runs(program)


def test_a_response_file_that_names_itself_ends(pinned: Pinned) -> None:
    pinned.write("outer", "-lm @outer\n")
    assert pinned.try_link("plain.c", "@outer", linker="bfd").returncode != 0


@pytest.mark.parametrize(("glibc", "is_understood"), [("2.30", False), ("2.31", True)])
def test_programs_of_mips_have_a_hash_table_that_the_target_reads(
    glibc: str, is_understood: bool, tmp_path: Path
) -> None:
    need_tool("mips64el-linux-gnuabi64-gcc")
    kit = cross_kit("mips64", glibc, tmp_path)
    (tmp_path / "unit.c").write_text("int main(void) { return 0; }\n")
    program = tmp_path / "program"
    words = ["-Wl,--hash-style=gnu", str(tmp_path / "unit.c"), "-o", str(program)]
    succeeded(run([str(kit / "bin/cc"), *words]))
    assert (DT_MIPS_XHASH in dynamic_of(program).tags) == is_understood
    assert (DT_HASH in dynamic_of(program).tags) != is_understood
    assert program.read_bytes()[EI_ABIVERSION] == (5 if is_understood else 0)
