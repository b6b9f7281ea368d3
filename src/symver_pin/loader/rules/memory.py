"""Rule: memory that a process may refuse to a library: an executable stack, static TLS, writable code. Notes.

The verified library may be loaded with its program or opened later (``dlopen``); the file does not say which.

* **Executable stack.** PT_GNU_STACK with PF_X, or no PT_GNU_STACK where the architecture's default stack is executable.
  From 2.41 on dlopen refuses such a library in a process whose stack is not executable (NEWS of 2.41); loaded with the
  program it makes the stack executable, as before.
* **Static TLS.** DF_STATIC_TLS: the code reaches its thread-local variables at a fixed distance from the thread pointer
  (the initial-exec model), so they must lie in the block that each thread gets at its start. For libraries that are
  opened later, glibc reserves little: seen on 2.17 to 2.43 of x86_64, one library with 1,600 bytes loads and one with
  1,700 does not; all opened libraries share the reserve.
* **Text relocations.** DT_TEXTREL: the loader makes the code writable for a while. SELinux refuses this to confined
  processes (``execmod``).
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.glibc.release import Release
from symver_pin.loader.problem import Problem
from symver_pin.loader.scope import Scope
from symver_pin.loader.target_system import TargetSystem

_STACK_STAYS = Release(2, 41)
"""The first release whose dlopen does not make the stack executable."""
_MUCH_STATIC_TLS = 1024
"""Bytes from which on a library may not find room in the reserve that it shares with others."""


def check_memory(scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """The root's demands on the process's memory."""
    facts = scope.facts[0]
    file = facts.file
    if facts.has_text_relocations:
        yield Problem("text-relocations", file, system.everything)
    if file.kind != "shared library":
        return
    if facts.has_executable_stack:
        yield Problem("executable-stack", file, system.everything & ~system.axis.before(_STACK_STAYS))
    if facts.static_tls > _MUCH_STATIC_TLS:
        yield Problem("static-tls", file, system.everything, detail=f"{facts.static_tls:,}")
