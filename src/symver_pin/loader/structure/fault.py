"""A fault: why a file cannot be mapped or relocated, and in which part it plays that matters."""

from __future__ import annotations

from typing import Literal, NamedTuple

from symver_pin.glibc.release import ReleaseSet

Role = Literal["any", "program", "library", "opened", "started"]
"""``program``: the kernel maps the file. ``library``: the loader maps it. ``opened``: the same, by dlopen, or for a
library that dlopen opens. ``started``: a program, or a library that the loader maps for it at its start."""


class Fault(NamedTuple):
    """One fault of one file."""

    kind: str
    """A name of ``findings.KINDS``."""
    detail: str
    """The fault, a clause without a subject: "has ..."."""
    releases: ReleaseSet
    """The glibc releases on which it stops the file."""
    role: Role = "any"
