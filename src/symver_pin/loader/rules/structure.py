"""Rule: a file must be mapped and relocated at all. The faults are found file by file (``loader.structure``); here they
are set against the part that each file plays.
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.loader.problem import Problem
from symver_pin.loader.scope import Scope
from symver_pin.loader.target_system import TargetSystem


def check_structure(scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """The faults of every given file of the scope that matter in its role."""
    is_opened = scope.root.kind != "executable"
    for facts in scope.facts:
        is_program = facts.file is scope.root and not is_opened
        roles = {"any", "program" if is_program else "library", "opened" if is_opened else "started"}
        for fault in facts.faults:
            if fault.role in roles and fault.releases:
                yield Problem(fault.kind, facts.file, fault.releases, detail=fault.detail)
