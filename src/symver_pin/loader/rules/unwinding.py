"""Rule: the system's unwinder must understand how the functions of a file keep their return addresses.

A compiler for AArch64 with ``-mbranch-protection=standard`` (the default on Ubuntu, and of Debian 13's packages) signs
return addresses, and says so to unwinders with DW_CFA_AARCH64_negate_ra_state. libgcc_s.so.1 of GCC 6 and older takes
that instruction for another one and looks for the caller in the wrong place: an exception ends the program with SIGSEGV
or std::terminate, also on processors that do not sign (seen on 2.17 with GCC 4.8's). With a newer unwinder in the file
(``-static-libgcc``), or beside it, exceptions work.

C code without exceptions does not meet it, but for a cancelled thread with clean-up handlers.
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.loader.problem import Problem
from symver_pin.loader.scope import Scope
from symver_pin.loader.target_system import TargetSystem

_LIBGCC_S = "libgcc_s.so.1"


def check_unwinding(scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """The given files whose exceptions the target's unwinder does not get through."""
    if not system.arch.has_too_old_unwinder(system.gcc) or not _unwinder_is_the_systems(scope):
        return
    for facts in scope.facts:
        if facts.unwinds_signed_returns:
            yield Problem("signed-returns", facts.file, system.everything, _LIBGCC_S, by_glibc=False)


def unwinder_node(scope: Scope) -> tuple[str, ...]:
    """The version node of libgcc_s that systems have whose unwinder gets through the files of a scope."""
    since = scope.root.arch.signs_returns_since
    if since is None or not _unwinder_is_the_systems(scope):
        return ()
    return (f"GCC_{since}.0",) if any(facts.unwinds_signed_returns for facts in scope.facts) else ()


def _unwinder_is_the_systems(scope: Scope) -> bool:
    entry = scope.find(_LIBGCC_S)
    return entry is not None and entry.file is None
