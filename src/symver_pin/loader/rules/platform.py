"""Rule: the processor and the kernel must do. Notes, since glibc decides neither; the kernel is compared with that of
the oldest platform that has the target's glibc.
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.loader.problem import Problem
from symver_pin.loader.scope import Scope
from symver_pin.loader.target_system import TargetSystem


def check_platform(scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """Files of the scope that need more than the oldest processor or the target's oldest kernel."""
    for facts in scope.facts:
        if facts.x86_level > 1:
            yield Problem("x86-level", facts.file, system.everything, detail=f"x86-64-v{facts.x86_level}")
        if facts.kernel > system.kernel:
            needed, available = (".".join(map(str, release)) for release in (facts.kernel, system.kernel))
            yield Problem("kernel-version", facts.file, system.target, available, detail=needed)
