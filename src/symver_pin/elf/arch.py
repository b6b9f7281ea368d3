"""The architectures: how each is spelled in an ELF header, in a GNU triplet and in glibc's file names.

One row an architecture, so that no other file knows an architecture by name. Sources: the processor supplements of the
ELF gABI (e_machine, e_flags), glibc's ``shlib-versions`` files (loader soname, first version node) and Debian's
multiarch list (triplets).
"""

from __future__ import annotations

import os

from symver_pin.errors import UsageError
from symver_pin.light import NamedTuple


class Arch(NamedTuple):
    """One architecture."""

    name: str
    bits: int
    byte_order: str
    """``<`` or ``>``, as struct spells it."""
    machine: int
    """e_machine."""
    flags: int
    """e_flags of an ordinary object of this ABI."""
    loader: str
    """The loader's soname."""
    interpreter: str
    """PT_INTERP of its programs."""
    triplet: str
    """GNU triplet, Debian's multiarch spelling."""
    first_node: str
    """The version node that the oldest symbols carry."""
    macro: str
    """A C preprocessor condition that holds for this architecture only."""
    page: int
    """The largest page size that its kernels use, in bytes: the alignment of loadable segments."""
    rust_target: str
    long_double: str
    """The format of its ``long double``: ``binary64``, ``x87`` (80 bits), ``binary128``, or ``ibm`` (a sum of two)."""
    other_abi_flags: tuple[str, ...] = ()
    """Compiler options that switch to another ABI, whose objects this architecture's libraries cannot serve."""


_ARCHES = (
    Arch(
        "x86_64",
        64,
        "<",
        62,
        0,
        "ld-linux-x86-64.so.2",
        "/lib64/ld-linux-x86-64.so.2",
        "x86_64-linux-gnu",
        "GLIBC_2.2.5",
        "defined(__x86_64__) && !defined(__ILP32__)",
        0x1000,
        "x86_64-unknown-linux-gnu",
        "x87",
        ("-m32", "-mx32"),
    ),
    Arch(
        "i386",
        32,
        "<",
        3,
        0,
        "ld-linux.so.2",
        "/lib/ld-linux.so.2",
        "i386-linux-gnu",
        "GLIBC_2.0",
        "defined(__i386__)",
        0x1000,
        "i686-unknown-linux-gnu",
        "x87",
        ("-m64", "-mx32"),
    ),
    Arch(
        "aarch64",
        64,
        "<",
        183,
        0,
        "ld-linux-aarch64.so.1",
        "/lib/ld-linux-aarch64.so.1",
        "aarch64-linux-gnu",
        "GLIBC_2.17",
        "defined(__aarch64__) && !defined(__ILP32__) && defined(__AARCH64EL__)",
        0x10000,
        "aarch64-unknown-linux-gnu",
        "binary128",
    ),
    Arch(
        "arm",
        32,
        "<",
        40,
        0x05000400,
        "ld-linux-armhf.so.3",
        "/lib/ld-linux-armhf.so.3",
        "arm-linux-gnueabihf",
        "GLIBC_2.4",
        "defined(__arm__) && defined(__ARM_PCS_VFP)",
        0x10000,
        "armv7-unknown-linux-gnueabihf",
        "binary64",
    ),
    Arch(
        "powerpc64le",
        64,
        "<",
        21,
        2,
        "ld64.so.2",
        "/lib64/ld64.so.2",
        "powerpc64le-linux-gnu",
        "GLIBC_2.17",
        "defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)",
        0x10000,
        "powerpc64le-unknown-linux-gnu",
        "ibm",
    ),
    Arch(
        "s390x",
        64,
        ">",
        22,
        0,
        "ld64.so.1",
        "/lib/ld64.so.1",
        "s390x-linux-gnu",
        "GLIBC_2.2",
        "defined(__s390x__)",
        0x1000,
        "s390x-unknown-linux-gnu",
        "binary128",
    ),
    Arch(
        "riscv64",
        64,
        "<",
        243,
        5,
        "ld-linux-riscv64-lp64d.so.1",
        "/lib/ld-linux-riscv64-lp64d.so.1",
        "riscv64-linux-gnu",
        "GLIBC_2.27",
        "defined(__riscv) && __riscv_xlen == 64 && defined(__riscv_float_abi_double)",
        0x1000,
        "riscv64gc-unknown-linux-gnu",
        "binary128",
    ),
    Arch(
        "loongarch64",
        64,
        "<",
        258,
        0x43,
        "ld-linux-loongarch-lp64d.so.1",
        "/lib64/ld-linux-loongarch-lp64d.so.1",
        "loongarch64-linux-gnu",
        "GLIBC_2.36",
        "defined(__loongarch__) && __loongarch_grlen == 64",
        0x10000,
        "loongarch64-unknown-linux-gnu",
        "binary128",
    ),
    Arch(
        "mips64",
        64,
        "<",
        8,
        0x80000007,
        "ld.so.1",
        "/lib64/ld.so.1",
        "mips64el-linux-gnuabi64",
        "GLIBC_2.2",
        "defined(__mips64) && _MIPS_SIM == 3 && defined(__MIPSEL__)",
        0x10000,
        "mips64el-unknown-linux-gnuabi64",
        "binary128",
    ),
)

ARCHES: dict[str, Arch] = {arch.name: arch for arch in _ARCHES}
#: By machine, class and byte order, as an ELF header has them.
ARCH_BY_HEADER = {(arch.machine, arch.bits, arch.byte_order): arch for arch in _ARCHES}

#: What users and uname also call them.
_OTHER_NAMES = {
    "amd64": "x86_64", "x86-64": "x86_64", "x64": "x86_64",
    "i486": "i386", "i586": "i386", "i686": "i386", "x86": "i386",
    "arm64": "aarch64", "armhf": "arm", "armv7": "arm", "armv7l": "arm", "armv7a": "arm", "armv8l": "arm",
    "ppc64le": "powerpc64le", "ppc64el": "powerpc64le", "riscv64gc": "riscv64",
    "loong64": "loongarch64", "mips64el": "mips64",
}  # fmt: skip


def find_arch(name: str) -> Arch:
    """The architecture of that name, or of another usual name of it (``amd64``, ``ppc64le``).

    Raises UsageError for an unknown one.
    """
    arch = ARCHES.get(_OTHER_NAMES.get(name.lower(), name.lower()))
    if arch is None:
        raise UsageError(f"unknown architecture {name!r}; known: {', '.join(ARCHES)}")
    return arch


def host_arch() -> Arch:
    """The architecture that this machine's kernel reports. Raises UsageError when it is none of ours."""
    return find_arch(os.uname().machine)
