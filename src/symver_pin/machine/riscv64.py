"""RISC-V, 64 bits, double-precision floating point in registers (lp64d). Its machine code is not read."""

from __future__ import annotations

from symver_pin.elf.records import ElfFormat
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import EVER, Arch, RelocationTypes

ARCH = Arch(
    name="riscv64",
    format=ElfFormat(bits=64, order="<", machine=243, flags=5, page=0x1000),
    loader="ld-linux-riscv64-lp64d.so.1",
    interpreter="/lib/ld-linux-riscv64-lp64d.so.1",
    triplet="riscv64-linux-gnu",
    first_node="GLIBC_2.27",
    macro="defined(__riscv) && __riscv_xlen == 64 && defined(__riscv_float_abi_double)",
    rust_target="riscv64gc-unknown-linux-gnu",
    long_double="binary128",
    stat_layout=0,
    mknod_layout=0,
    other_names=("riscv64gc",),
    cpu_pattern="riscv64(gc)?",
    gnu_abi_releases=(EVER, Release(2, 28), Release(2, 33)),
    relocations=RelocationTypes(
        relative=(3,),
        copy=4,
        offset_in_thread=(11,),
        others=frozenset((0, 2, 5, 7, 9)),  # NONE 64 JUMP_SLOT TLS_DTPMOD64 TLS_DTPREL64
        since=((58, Release(2, 33)),),  # IRELATIVE
    ),
)
