"""Rule: references to an older version of a function that behaves differently from a newer version. A note.

A file that was compiled on an old system means the old function, and is right. One that was compiled with newer headers
and bound to the old node (by a pin header, a kit, a ``.symver`` of its own) means the new one. The file does not say
which it is; ``semantics.tsv`` has the reasons.

A function that changed without a new version node does so too, on the releases before the change. The note is for
differences that a plain use of the function meets. Those of certain arguments (a conversion of ``printf``) would be a
note on every file, and say nothing of this one.
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.loader.problem import Problem
from symver_pin.loader.scope import Scope
from symver_pin.loader.target_system import TargetSystem


def check_meanings(scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """The imports of the root whose version is recorded as different from a newer one."""
    facts = scope.facts[0]
    for library, version, name in facts.differing:
        for releases, meaning in system.meanings(version, name):
            if meaning.is_met_by_every_use and meaning.reachable:
                yield Problem(
                    "older-meaning",
                    facts.file,
                    releases,
                    library,
                    version,
                    unversioned=frozenset((name,)),
                    detail=meaning.reason,
                )
