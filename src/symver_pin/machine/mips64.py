"""MIPS, 64 bits, little-endian (n64 ABI). Its machine code is not read."""

from __future__ import annotations

from symver_pin.elf.records import ElfFormat
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import EVER, Arch

ARCH = Arch(
    name="mips64",
    format=ElfFormat(bits=64, order="<", machine=8, flags=0x80000007, page=0x10000),
    loader="ld.so.1",
    interpreter="/lib64/ld.so.1",
    triplet="mips64el-linux-gnuabi64",
    first_node="GLIBC_2.2",
    macro="defined(__mips64) && _MIPS_SIM == 3 && defined(__MIPSEL__)",
    rust_target="mips64el-unknown-linux-gnuabi64",
    long_double="binary128",
    has_executable_stack=True,
    other_names=("mips64el",),
    cpu_pattern="mips64el",
    gnu_abi_releases=(EVER, EVER, Release(2, 21), Release(2, 28), Release(2, 31)),
    system_v_abi_releases=(EVER, Release(2, 21), Release(2, 21), Release(2, 31), Release(2, 31)),
)
