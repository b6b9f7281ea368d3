"""What a package says about the C library that it needs."""

from __future__ import annotations

from typing import Literal, NamedTuple

from symver_pin.glibc.release import OLDEST_TARGET, Release


class Promise(NamedTuple):
    """One statement of a package about the C library of the systems that it runs on."""

    source: str
    """Where the package says it, for people: ``tag manylinux_2_17_x86_64``, ``Depends: libc6 (>= 2.17)``."""
    libc: Literal["glibc", "musl", ""]
    """The C library that is named; "" if none is: ``linux_x86_64``."""
    glibc: Release | None = None
    """The oldest glibc release on which the package runs by its own statement; None if it names none."""
    policy: str = ""
    """The policy that the statement stands for (``manylinux_2_17``); "" for none."""

    @property
    def target(self) -> str:
        """The target to verify the package for, as ``--glibc`` takes it; "" if it names no release.

        The tables begin with 2.12: what promises an older release is verified for that one.
        """
        return "" if self.glibc is None else str(max(self.glibc, OLDEST_TARGET))
