"""References to an older version of a function that means something else than the newer one.

A file that was compiled on an old system means the old function, and is right. One that was compiled with newer headers
and bound to the old node (a pin header, a kit, a ``.symver`` of its own) means the new one. The file does not say which
it is, so this is a note; ``semantics.tsv`` has the reasons.
"""

from __future__ import annotations

from symver_pin.maps.semantics import DIFFERENT
from symver_pin.verify.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from symver_pin.verify.knowledge import Knowledge
    from symver_pin.verify.review import Review


def check_meanings(review: Review, knowledge: Knowledge) -> Iterator[Problem]:
    """The imports of one file whose older version is recorded as different."""
    glibc = knowledge.glibc
    for library, version, name in review.differing:
        if (version, name) not in knowledge.meanings:
            nodes = {exported.version for _soname, exported in glibc.anywhere(name)}
            meaning = knowledge.semantics.for_pin(name.decode(), version, nodes, knowledge.arch)
            knowledge.meanings[version, name] = meaning
        meaning = knowledge.meanings[version, name]
        if meaning is not None and meaning.verdict == DIFFERENT and meaning.reachable:
            yield Problem(
                "older-meaning",
                review.file,
                glibc.everything,
                library,
                version,
                detail=meaning.reason,
                plain=frozenset((name,)),
            )
