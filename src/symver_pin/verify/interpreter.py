"""The path of the loader itself: the kernel opens PT_INTERP, an absolute path, before glibc has any say."""

from __future__ import annotations

from symver_pin.verify.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from symver_pin.verify.knowledge import Knowledge
    from symver_pin.verify.scope import Scope


def check_interpreter(scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    """An executable whose PT_INTERP is not where glibc of its architecture is installed."""
    file = scope.root
    if file.kind == "executable" and file.interpreter not in (None, file.arch.interpreter):
        yield Problem("interpreter", file, knowledge.glibc.everything, file.interpreter, detail=file.arch.interpreter)
