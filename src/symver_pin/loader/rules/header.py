"""Rule: the loader must accept the ELF header of every library.

``open_verify`` of glibc's dl-load.c compares the version of the format, EI_OSABI (System V or GNU), EI_ABIVERSION and
the padding, which must be zero; on Arm also whether floating point is passed in registers. The kernel loads the program
itself and compares none of these.

EI_ABIVERSION counts features that a loader must have (glibc's ``libc-abis``: unique symbols, absolute symbols ...). The
list differs between architectures, so ``machine`` has the releases that accept each number.
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.glibc.release import ReleaseSet
from symver_pin.loader.object import UncommonHeader
from symver_pin.loader.problem import Problem
from symver_pin.loader.scope import Scope
from symver_pin.loader.target_system import TargetSystem

_ELFOSABI_NONE, _ELFOSABI_GNU = 0, 3
_EV_CURRENT = 1


def check_header(scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """Files with a header that the loader refuses."""
    for file in scope.files:
        is_loaded_by_kernel = file is scope.root and file.kind == "executable"
        if file.uncommon_header is not None and not is_loaded_by_kernel:
            detail, releases = _refusal(file.uncommon_header, system)
            if releases:
                yield Problem("header-refused", file, releases, detail=detail)


def _refusal(header: UncommonHeader, system: TargetSystem) -> tuple[str, ReleaseSet]:
    """Why the loader refuses a header, and the releases in which it does."""
    arch, everything = system.arch, system.everything
    ident_version, os_abi, abi_version, *padding = header.identity
    by_flags = arch.refuses_flags(header.flags) if arch.refuses_flags is not None else ""
    always_refused = (
        (bool(by_flags), by_flags),
        (ident_version != _EV_CURRENT or header.version != _EV_CURRENT, "it is of another version of the format"),
        (
            os_abi not in (_ELFOSABI_NONE, _ELFOSABI_GNU, *arch.extra_os_abis),
            f"it is for another operating system (ABI {os_abi})",
        ),
        (any(padding), "its padding is not zero"),
        (header.is_program, "it is a program, linked for a fixed address"),
    )
    for is_refused, reason in always_refused:
        if is_refused:
            return reason, everything
    if abi_version == 0:
        return "", 0
    whose, known = "System V", arch.system_v_abi_releases
    if os_abi == _ELFOSABI_GNU:
        whose, known = "GNU", arch.gnu_abi_releases
    unknown = everything if abi_version > len(known) else system.axis.before(known[abi_version - 1])
    return f"version {abi_version} of {whose}'s ABI is not known", unknown
