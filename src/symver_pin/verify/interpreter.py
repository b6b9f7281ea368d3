"""The path of the loader itself: the kernel opens PT_INTERP, an absolute path, before glibc has any say."""

from collections.abc import Iterator

from symver_pin.verify.problems import Problem
from symver_pin.verify.scope import Scope
from symver_pin.verify.tables import Knowledge


def check_interpreter(scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    """An executable whose PT_INTERP is not where glibc of its architecture is installed."""
    file = scope.root
    if file.kind != "executable":
        return
    found = file.image.interpreter
    if found is not None and found != file.arch.interpreter:
        yield Problem("interpreter", file.path, knowledge.glibc.axis.everything, found, detail=file.arch.interpreter)
