"""Where a file lies, for formats that point at files: a member of an archive is a place inside of the archive."""

from typing import NamedTuple

from symver_pin.verify.model import INSIDE


class Place(NamedTuple):
    """A judged file."""

    file: str
    """The path of the file on disk."""
    member: str
    """The path in the archive that the file is; empty for a file that is none."""


def place_of(path: str) -> Place:
    """The place of ``file``, ``archive!/member`` or ``archive!/inner archive!/member``.

    >>> place_of("dist/a.whl!/a/b.so")
    Place(file='dist/a.whl', member='a/b.so')
    """
    file, _, member = path.partition(INSIDE)
    return Place(file, member)
