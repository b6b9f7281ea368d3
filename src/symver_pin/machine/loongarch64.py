"""LoongArch, 64 bits (lp64d).

Its machine code is not read: the check of start-up code (``loader.rules.startup``) is about programs whose
``__libc_start_main`` has a node older than 2.34, and glibc's first release for LoongArch is 2.36. There is one node,
GLIBC_2.36, and every release runs the constructors itself.
"""

from __future__ import annotations

from symver_pin.elf.records import ElfFormat
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import Arch, RelocationTypes, Spelling

ARCH = Arch(
    name="loongarch64",
    format=ElfFormat(bits=64, order="<", machine=258, flags=0x43, page=0x10000),
    loader="ld-linux-loongarch-lp64d.so.1",
    interpreter="/lib64/ld-linux-loongarch-lp64d.so.1",
    triplet="loongarch64-linux-gnu",
    first_node="GLIBC_2.36",
    macro="defined(__loongarch__) && __loongarch_grlen == 64",
    rust_target="loongarch64-unknown-linux-gnu",
    spelling=Spelling(uname="loongarch64", meson="loongarch64", go="loong64", node="loong64"),
    long_double="binary128",
    other_names=("loong64",),
    relocations=RelocationTypes(
        relative=(3,),
        copy=4,
        offset_in_thread=(11,),
        others=frozenset((0, 2, 5, 7, 9, 12)),  # NONE 64 JUMP_SLOT TLS_DTPMOD64 TLS_DTPREL64 IRELATIVE
        since=((14, Release(2, 40)),),  # TLS_DESC64
    ),
)
