"""How much an archive may grow: what it unpacks to is weighed against what it was packed in, while it is unpacked.

Real packages shrink to a third, debug information and tables of zeros to a twentieth. Deflate reaches 1:1032, xz and
zstd far more; a bomb is told by a ratio that no program has, once there is enough of it to matter.
"""

from symver_pin.errors import ArchiveError

#: A member beyond this many bytes is no program; a claim beyond it is not believed.
MAX_MEMBER = 4 << 30
#: So many bytes may come out whatever went in.
_FREE = 256 << 20
#: Beyond those, so many bytes may come out for each that went in.
_RATIO = 200


class GrowthError(ArchiveError):
    """An archive grows beyond its limit: nothing more of it is read."""


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
