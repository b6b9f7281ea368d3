"""What a source says of one export in one release, and how far the source can be believed.

glibc's own ABI lists say what is exported, with type and size, but neither the default mark nor aliases. Real
libraries (or a dump of their symbol tables) say all of it, but carry their distribution's patches.
"""

from typing import NamedTuple

from symver_pin.maps.release import Release


class Observation(NamedTuple):
    """One export as one source shows it; None where the source cannot tell."""

    arch: str
    release: Release
    soname: str
    symbol: str
    version: str
    type: str
    size: int
    default: bool | None
    alias: str | None
    authoritative: bool
    """True for an ABI list: it alone decides what a release that has one exports."""


def is_public(version: str) -> bool:
    """Whether a node is glibc's and public: not GLIBC_PRIVATE, not another project's (``XCRYPT_2.0``).

    On i386, s390x and mips64 libc.so.6 also carries ``GCC_3.0``: unwinder hooks that lived in libgcc before.
    """
    return is_glibcs(version) and version != "GLIBC_PRIVATE"


def is_glibcs(version: str) -> bool:
    """Whether a node is one that glibc's libraries define."""
    return version.startswith(("GLIBC_", "GCC_"))
