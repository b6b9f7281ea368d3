"""Limits on what an archive may contain, and on how far it may grow when it is unpacked.

A decompression bomb is a small archive that unpacks to a very large one. It is recognised by its ratio of unpacked to
packed bytes, while it is unpacked. Real packages unpack to 3 times their size, debug information and tables of zeros to
20 times. Deflate can reach 1032 times, xz and zstd far more.
"""

from symver_pin.errors import ArchiveError

MAX_MEMBER = 4 << 30
"""The bytes of a member. No program is larger."""
MAX_NAME = 4096
"""The bytes of a member's name: Linux's PATH_MAX."""
MAX_HEADER = 1 << 20
"""The bytes of an extended header of a tar, which has the name or other attributes of the next member."""
MAX_DIRECTORY = 8 << 20
"""The bytes of a zip's central directory. Its entries take up to 15 times as much memory: 130 MB for 180,000 entries
with the shortest names. A large jar has 33,000 entries with names of 60 bytes: a central directory of 3.5 MB."""
MAX_KEPT = 200_000
"""The programs, libraries and objects in one archive. The largest static archives have about 10,000 objects."""
MAX_BROKEN = 1000
"""The members of one archive that cannot be read, each of which is an error line."""
_ALWAYS_ALLOWED = 64 << 20
"""The unpacked bytes that are allowed whatever the packed size is. As headers of empty members they take 5 s to
read."""
_ALLOWED_RATIO = 200
"""The unpacked bytes that are allowed, in addition to these, for each packed byte."""


class GrowthError(ArchiveError):
    """An archive is above a limit, and the rest of it is not read."""


class Growth:
    """Counts the packed and the unpacked bytes of one archive, and refuses a decompression bomb."""

    def __init__(self, archive: str) -> None:
        self._archive = archive
        self._packed = self._unpacked = 0

    def packed(self, size: int) -> None:
        """Adds ``size`` packed bytes."""
        self._packed += size

    def unpacked(self, size: int) -> None:
        """Adds ``size`` unpacked bytes. Raises GrowthError when they are too many for the packed bytes."""
        self._unpacked += size
        if self._unpacked > _ALWAYS_ALLOWED + _ALLOWED_RATIO * self._packed:
            raise GrowthError(
                f"{self._archive}: {self._packed} bytes unpack to {self._unpacked}, which looks like a decompression "
                "bomb; if you trust it, unpack it yourself and name the folder"
            )
