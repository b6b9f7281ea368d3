"""What the loader reads first of a library, its ELF header, and refuses to go on with.

``open_verify`` of glibc's dl-load.c: the version of the format, the operating system's ABI (System V's or GNU's), its
version, and padding that must be zero; on Arm also whether floating point is passed in registers. A program itself is
loaded by the kernel, which looks at none of these.

GNU's ABI has a number for each thing that a loader must know (``libc-abis``), the same in a release for all that it is
for: so which versions a release accepts depends on the architecture.
"""

from __future__ import annotations

from symver_pin.elf.constants import ET_EXEC
from symver_pin.light import NamedTuple
from symver_pin.maps.release import Release
from symver_pin.verify.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from symver_pin.elf.facts import Outside
    from symver_pin.verify.knowledge import Knowledge
    from symver_pin.verify.scope import Scope

_SYSTEM_V, _GNU, _ARM_AEABI = 0, 3, 64
#: EI_VERSION to the end of e_ident, of nearly all files.
_COMMON = b"\1" + bytes(9)
_EM_ARM = 40
_EABI, _EABI_5, _SOFT_FLOAT = 0xFF000000, 0x05000000, 0x200

_EVER = Release(0, 0)
#: The releases that brought the versions of GNU's ABI, from 1 on: for unique symbols, (indirect functions,) absolute
#: symbols; on MIPS stubs, unique symbols, 64-bit floating point, absolute symbols, another hash table.
_GNU_VERSIONS: dict[str, tuple[Release, ...]] = {
    "i386": (_EVER, _EVER, Release(2, 28)),
    "x86_64": (_EVER, _EVER, Release(2, 28)),
    "powerpc64le": (_EVER, _EVER, Release(2, 28)),
    "riscv64": (_EVER, Release(2, 28), Release(2, 33)),
    "mips64": (_EVER, _EVER, Release(2, 21), Release(2, 28), Release(2, 31)),
}
_GNU_VERSIONS_ELSEWHERE = (_EVER, Release(2, 28))
#: Those of System V's ABI; elsewhere none but 0.
_SYSTEM_V_VERSIONS: dict[str, tuple[Release, ...]] = {
    "mips64": (_EVER, Release(2, 21), Release(2, 21), Release(2, 31), Release(2, 31)),
}


class Header(NamedTuple):
    """What is uncommon in a header."""

    identity: bytes
    """e_ident from EI_VERSION on."""
    version: int
    flags: int
    is_program: bool
    """Whether it is linked for a fixed address (ET_EXEC)."""


def uncommon_header(outside: Outside) -> Header | None:
    """What is to be looked at in a header; None for nearly all libraries."""
    is_soft = outside.machine == _EM_ARM and outside.flags & _SOFT_FLOAT
    is_program = outside.type == ET_EXEC
    if outside.identity == _COMMON and outside.version == 1 and not is_soft and not is_program:
        return None
    return Header(outside.identity, outside.version, outside.flags, is_program)


def check_header(scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    """Files with a header that the loader refuses."""
    for file in scope.files:
        if file.header is not None and not (file is scope.root and file.kind == "executable"):
            detail, releases = _refusal(file.header, file.arch.name, knowledge)
            if releases:
                yield Problem("header-refused", file, releases, detail=detail)


def _refusal(header: Header, arch: str, knowledge: Knowledge) -> tuple[str, int]:
    """What is wrong with a header, and the set of releases on which it is."""
    everything = knowledge.glibc.everything
    ident_version, system, version, *padding = header.identity
    if arch == "arm" and header.flags & (_EABI | _SOFT_FLOAT) == _EABI_5 | _SOFT_FLOAT:
        return "it passes floating point outside of registers", everything
    if ident_version != 1 or header.version != 1:
        return "it is of another version of the format", everything
    if system not in (_SYSTEM_V, _GNU) and not (arch == "arm" and system == _ARM_AEABI):
        return f"it is for another operating system (ABI {system})", everything
    if any(padding):
        return "its padding is not zero", everything
    if header.is_program:
        return "it is a program, linked for a fixed address", everything
    if version == 0:
        return "", 0
    whose, known = "System V", _SYSTEM_V_VERSIONS.get(arch, ())
    if system == _GNU:
        whose, known = "GNU", _GNU_VERSIONS.get(arch, _GNU_VERSIONS_ELSEWHERE)
    unknown = everything if version > len(known) else knowledge.glibc.axis.before(known[version - 1])
    return f"version {version} of {whose}'s ABI is not known", unknown
