"""The verdicts of one verification as a value."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from symver_pin.glibc.platforms import Platform, Target
from symver_pin.loader.verdict import FileVerdict, Verdict, printable


class Report(NamedTuple):
    """The verdicts on all files, for one target."""

    target: Target
    files: tuple[FileVerdict, ...]
    policy: str | None = None
    """The name of the policy that was applied, None without one."""
    platforms: tuple[Platform, ...] = ()
    """All platforms that a file could run on."""

    @property
    def errors(self) -> tuple[str, ...]:
        """One line for each file that could not be verified, safe to print on a terminal."""
        return tuple(printable(file.error) for file in self.files if file.error is not None)

    @property
    def exit_status(self) -> int:
        """0: all files load; 1: one does not; 2: one could not be verified."""
        return exit_status_of({file.verdict for file in self.files})


def exit_status_of(verdicts: Collection[Verdict]) -> int:
    """0: all files load; 1: one does not; 2: one could not be verified."""
    return 2 if "error" in verdicts else int("fails" in verdicts)
