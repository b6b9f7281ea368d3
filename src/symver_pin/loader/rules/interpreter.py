"""Rule: the loader must be where PT_INTERP says. The kernel opens PT_INTERP, an absolute path, before glibc runs."""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.loader.problem import Problem
from symver_pin.loader.scope import Scope
from symver_pin.loader.target_system import TargetSystem


def check_interpreter(scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """An executable whose PT_INTERP is not the path at which glibc of its architecture installs the loader."""
    file, expected = scope.root, system.arch.interpreter
    if file.kind == "executable" and file.interpreter not in (None, expected):
        yield Problem("interpreter", file, system.everything, file.interpreter, detail=expected)
