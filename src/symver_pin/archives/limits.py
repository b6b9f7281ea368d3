"""What is believed of an archive's claims, and how much it may grow: what it unpacks to is weighed against what it was
packed in, while it is unpacked.

Real packages shrink to a third, debug information and tables of zeros to a twentieth. Deflate reaches 1:1032, xz and
zstd far more; a bomb is told by a ratio that no program has, once there is enough of it to matter.
"""

from symver_pin.errors import ArchiveError

#: A member beyond this many bytes is no program; a claim beyond it is not believed.
MAX_MEMBER = 4 << 30
#: The bytes of a name; PATH_MAX.
MAX_NAME = 4096
#: The bytes of names and attributes of one member of a tar.
MAX_HEADER = 1 << 20
#: The bytes of a zip's directory, of which half a million entries have room: to look into all of them takes 6 s.
MAX_DIRECTORY = 32 << 20
#: The programs, libraries and objects of one archive. The largest static archives have some ten thousand.
MAX_KEPT = 200_000
#: The members of one archive that cannot be read.
MAX_BROKEN = 1000
#: So many bytes may come out whatever went in: of the headers of empty members, 5 s.
_FREE = 64 << 20
#: Beyond those, so many bytes may come out for each that went in.
_RATIO = 200


class GrowthError(ArchiveError):
    """An archive goes beyond a limit: nothing more of it is read."""


class Growth:
    """Counts for one archive what goes in and what comes out."""

    def __init__(self, archive: str) -> None:
        self._archive = archive
        self._packed = self._unpacked = 0

    def packed(self, size: int) -> None:
        """``size`` packed bytes were read."""
        self._packed += size

    def unpacked(self, size: int) -> None:
        """``size`` bytes came out. Raises GrowthError when they are too many for what went in."""
        self._unpacked += size
        if self._unpacked > _FREE + _RATIO * self._packed:
            raise GrowthError(
                f"{self._archive}: {self._unpacked} bytes out of {self._packed}: looks like a decompression bomb; "
                "unpack it yourself if you trust it, and name the folder"
            )
