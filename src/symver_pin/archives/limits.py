"""Limits on what an archive may contain, and on how far it may grow when it is unpacked.

A decompression bomb is a small archive that unpacks to a very large one. It is recognised by its ratio of unpacked to
packed bytes, while it is unpacked. Real packages unpack to 3 times their size, debug information and tables of zeros to
20 times. Deflate can reach 1032 times, xz and zstd far more.
"""

from symver_pin.errors import NotJudgedError

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
"""The members of one archive that cannot be read. Each is an error line in the report."""
MAX_DEPTH = 8
"""The archives inside of each other, the outermost included. An image of a container has its layers at depth 2, a
package in a layer is at depth 3, and the tar in that package is the same archive still."""
MAX_PADDING = 16 << 20
"""The zero bytes behind a gzip stream. Tapes and block devices are padded to at most a few megabytes."""
MAX_EMPTY = 1000
"""The gzip members without content in a row."""
MAX_ENTRIES = 1_000_000
"""The directory entries of a file system image. The image of a whole distribution has about 400,000."""
MAX_SCRIPT = 1 << 20
"""The bytes of a shell script before the data that it carries. Installers have up to 100 KB of text."""
_ALWAYS_ALLOWED = 64 << 20
"""The unpacked bytes that are allowed whatever the packed size is. As headers of empty members they take 5 s to
read."""
_ALLOWED_RATIO = 200
"""The unpacked bytes that are allowed, in addition to these, for each packed byte."""


class GrowthError(NotJudgedError):
    """An archive is above a limit, and the rest of it is not read."""


class Allowance:
    """The unpacked bytes that are allowed whatever the packed size is. An archive and those inside of it share them, or
    thousands of small archives in a large one would unpack to so much each.
    """

    def __init__(self) -> None:
        self.left = _ALWAYS_ALLOWED


class Growth:
    """Counts the packed and the unpacked bytes of one archive, and refuses a decompression bomb."""

    def __init__(self, archive: str, allowance: Allowance | None = None) -> None:
        self._archive, self._allowance = archive, allowance or Allowance()
        self._packed = self._unpacked = self._taken = 0

    def packed(self, size: int) -> None:
        """Adds ``size`` packed bytes."""
        self._packed += size

    def unpacked(self, size: int) -> None:
        """Adds ``size`` unpacked bytes. Raises GrowthError when they are too many for the packed bytes."""
        self._unpacked += size
        more = self._unpacked - _ALLOWED_RATIO * self._packed - self._taken
        if more > 0:
            self._taken += more
            self._allowance.left -= more
        if self._allowance.left < 0:
            raise GrowthError(
                self._archive,
                f"{self._packed} bytes unpack to {self._unpacked}, which looks like a decompression bomb",
                "if you trust it, unpack it yourself and name the folder",
            )
