"""Rule: the loader must be where PT_INTERP says. The kernel opens PT_INTERP, an absolute path, before glibc runs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from symver_pin.loader.problem import Problem
from symver_pin.loader.scope import Scope
from symver_pin.loader.target_system import TargetSystem

_FOLDERS_OF_EVERY_SYSTEM = frozenset({"", ".", "..", "lib", "lib64", "usr"})


def check_interpreter(scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """An executable whose PT_INTERP is not the path at which glibc of its architecture installs the loader, or that has
    none: the kernel then starts it without a loader.
    """
    file, expected = scope.root, system.arch.interpreter
    if file.kind == "executable" and file.interpreter is not None:
        if not _leads_to(file.interpreter, expected):
            yield Problem("interpreter", file, system.everything, file.interpreter, detail=expected)
    elif file.is_program and file.needed:
        yield Problem("interpreter", file, system.everything, "absent", detail=expected)


def _leads_to(path: str, expected: str) -> bool:
    """True if a path is another spelling of the expected one, by folders that every system has."""
    if path == expected:
        return True
    folders = path.split("/")[:-1]
    is_safe = path.startswith("/") and _FOLDERS_OF_EVERY_SYSTEM.issuperset(folders)
    return is_safe and posixpath.normpath(f"/{path.lstrip('/')}") == expected
