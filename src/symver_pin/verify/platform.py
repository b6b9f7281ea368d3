"""What a file asks of the machine beside its libraries: the processor's level and the kernel's release. Notes, as
neither is glibc's; the kernel is compared with that of the oldest platform that has the target's glibc.
"""

from __future__ import annotations

from symver_pin.verify.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from symver_pin.verify.knowledge import Knowledge
    from symver_pin.verify.scope import Scope


def check_platform(scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    """Files of the scope that ask for more than every processor or the target's first kernel has."""
    everything = knowledge.glibc.everything
    for review in scope.reviews:
        if review.x86_level > 1:
            yield Problem("x86-level", review.file, everything, detail=f"x86-64-v{review.x86_level}")
        if review.kernel > knowledge.kernel:
            wanted, there = (".".join(map(str, release)) for release in (review.kernel, knowledge.kernel))
            yield Problem("kernel-version", review.file, knowledge.target, there, detail=wanted)
