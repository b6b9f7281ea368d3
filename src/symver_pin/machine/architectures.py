"""The table of the architectures, and look-ups in it. A new one is a module of this package and a name here."""

from __future__ import annotations

import os
import re

from symver_pin.elf.image import Image
from symver_pin.errors import UsageError
from symver_pin.machine import aarch64, arm, i386, loongarch64, mips64, powerpc64le, riscv64, s390x, x86_64
from symver_pin.machine.arch import Arch
from symver_pin.spelling import did_you_mean

ARCHES: dict[str, Arch] = {
    module.ARCH.name: module.ARCH
    for module in (x86_64, i386, aarch64, arm, powerpc64le, s390x, riscv64, loongarch64, mips64)
}
"""The architectures by name, in the order in which messages list them."""

_BY_HEADER = {(arch.format.machine, arch.format.bits, arch.format.order): arch for arch in ARCHES.values()}
_BY_NAME = {name: arch for arch in ARCHES.values() for name in (arch.name, *arch.other_names)}


def find_arch(name: str) -> Arch:
    """The architecture of that name, or of another usual name of it (``amd64``, ``ppc64le``).

    Raises UsageError for an unknown one.
    """
    arch = _BY_NAME.get(name.lower())
    if arch is None:
        raise UsageError(f"unknown architecture {name!r}; known: {', '.join(ARCHES)}{did_you_mean(name, ARCHES)}")
    return arch


def host_arch() -> Arch:
    """The architecture that this machine's kernel reports. Raises UsageError when there is no row for it."""
    return find_arch(os.uname().machine)


def arch_of(image: Image) -> Arch | None:
    """The architecture of an ELF file, by e_machine, class and byte order; None when there is no row for it."""
    return _BY_HEADER.get((image.machine, image.bits, image.order))


def arch_of_triplet(triplet: str) -> Arch | None:
    """The architecture of a compiler's or Rust's target triple (``i686-linux-gnu``, ``riscv64gc-unknown-linux-gnu``).

    None for a system without glibc, for another ABI of a known processor (x32, n32), and for an unknown processor.
    """
    if "-linux" not in triplet:
        return None
    cpu, *_, system = triplet.split("-")
    if system in ("gnux32", "gnuabin32") or system.startswith(("musl", "android", "uclibc")):
        return None
    for arch in ARCHES.values():
        if re.fullmatch(arch.cpu_pattern or re.escape(arch.name), cpu):
            return arch if re.fullmatch(arch.system_pattern or ".*", system) else None
    return None
