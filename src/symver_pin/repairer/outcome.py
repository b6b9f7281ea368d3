"""What a repair has found and done, as values: every format of a report is a view of them."""

from __future__ import annotations

from typing import Literal, NamedTuple

from symver_pin.glibc.platforms import Target
from symver_pin.loader.verdict import FileVerdict
from symver_pin.repairer.decide import Decision

Status = Literal["repaired", "fine", "added", "refused", "static", "error"]
"""``repaired``: rewritten. ``fine``: it loads on the target as it is. ``added``: a library that was put beside the
files. ``refused``: it cannot be repaired. ``static``: it needs no library. ``error``: it could not be read."""


class RepairedFile(NamedTuple):
    """What has become of one file."""

    path: str
    """The path of the result; ``archive!/member`` for a member of a wheel."""
    status: Status
    decisions: tuple[Decision, ...] = ()
    verdict: FileVerdict | None = None
    """The verifier's verdict on the result; None if there is none."""
    reason: str = ""
    """Why it is refused, or could not be read: one line."""
    note: str = ""
    """What else there is to know: one line."""

    def count(self, outcome: str) -> int:
        """The number of symbols with an outcome."""
        return len({decision.symbol for decision in self.decisions if decision.outcome == outcome})


class Outcome(NamedTuple):
    """What a repair has found and done."""

    target: Target
    files: tuple[RepairedFile, ...]
    is_written: bool
    """False if nothing was written: a dry run, or a file that is refused."""

    @property
    def exit_status(self) -> int:
        """0: all files load on the target now; 1: one is refused; 2: one could not be read."""
        statuses = {file.status for file in self.files}
        return 2 if "error" in statuses else int("refused" in statuses)
