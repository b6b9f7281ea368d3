"""An observation: one export in one release, as one source shows it.

glibc's ABI lists have the exports with type and size, but neither default marks nor aliases. Real libraries, and dumps
of their symbol tables, have all of these, but also the patches of their distribution.
"""

from typing import NamedTuple

from symver_pin.glibc.release import Release


class Observation(NamedTuple):
    """One export as one source shows it. The fields are those of ``glibc.rows.Row``."""

    arch: str
    release: Release
    soname: str
    symbol: str
    version: str
    type: str
    size: int
    default: bool | None
    """None if the source has no default marks."""
    alias: str | None
    """The name of the alias group, "" without one; None if the source has no aliases."""
    authoritative: bool
    """True for an ABI list. For a release with such a list, no other source adds exports."""


def is_public(version: str) -> bool:
    """True if a node is a public one of glibc: neither GLIBC_PRIVATE nor another project's (``XCRYPT_2.0``).

    On i386, s390x and mips64, libc.so.6 also has the node ``GCC_3.0``, with functions of the unwinder that were in
    libgcc before.
    """
    return is_glibc_node(version) and version != "GLIBC_PRIVATE"


def is_glibc_node(version: str) -> bool:
    """True if glibc's libraries define a node of this name."""
    return version.startswith(("GLIBC_", "GCC_"))
