"""POWER, 64 bits, little-endian (ELF V2 ABI). Its machine code is not read."""

from __future__ import annotations

from symver_pin.elf.records import ElfFormat
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import EVER, Arch, RelocationTypes

ARCH = Arch(
    name="powerpc64le",
    format=ElfFormat(bits=64, order="<", machine=21, flags=2, page=0x10000),
    loader="ld64.so.2",
    interpreter="/lib64/ld64.so.2",
    triplet="powerpc64le-linux-gnu",
    first_node="GLIBC_2.17",
    macro="defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)",
    rust_target="powerpc64le-unknown-linux-gnu",
    long_double="ibm",
    stat_layout=1,
    shares_toc=True,
    other_names=("ppc64le", "ppc64el"),
    gnu_abi_releases=(EVER, EVER, Release(2, 28)),
    hwcaps=("power10", "power9"),
    relocations=RelocationTypes(
        relative=(22,),
        copy=19,
        offset_in_thread=(69, 70, 71, 72, 73, 95, 96, 97, 98, 99, 100, 112, 113),  # TPREL16 to TPREL16_HIGHA
        # NONE, ADDR32 to ADDR14_BRNTAKEN, GLOB_DAT JMP_SLOT, UADDR32 UADDR16 REL32, ADDR30 to REL64, ADDR16_DS
        # ADDR16_LO_DS, DTPMOD64 DTPREL64, ADDR16_HIGH ADDR16_HIGHA, JMP_IREL IRELATIVE
        others=frozenset((*range(10), 20, 21, 24, 25, 26, *range(37, 45), 56, 57, 68, 78, 110, 111, 247, 248)),
    ),
)
