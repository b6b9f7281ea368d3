"""The formats of packages, by the end of the file's name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from symver_pin.archives.member import archive_errors
from symver_pin.errors import ArchiveError, UsageError
from symver_pin.repairer.batch import Batch
from symver_pin.repairer.outcome import RepairedFile
from symver_pin.repairer.packages.deb import open_deb
from symver_pin.repairer.packages.package import Open, Package
from symver_pin.repairer.packages.tarball import open_tarball
from symver_pin.repairer.packages.wheel import open_wheel

_FORMATS: dict[str, Open] = {
    ".whl": open_wheel,
    ".deb": open_deb,
    ".tgz": open_tarball,
    ".tar.gz": open_tarball,
    ".tar.xz": open_tarball,
    ".tar.bz2": open_tarball,
    ".tar": open_tarball,
}


def is_package(source: Path) -> bool:
    """True if a file's name is that of a package."""
    return source.name.endswith(tuple(_FORMATS))


def open_package(source: Path, destination: Path, batch: Batch, excluded: Callable[[str], bool]) -> Package:
    """Repair the files of a package in memory. ``destination`` is the place of the result under the old name, and
    ``excluded`` tells which members are left as they are.

    A package that cannot be read raises nothing: the file of the result says why. Raises as ``Batch.repair`` does.
    """
    opener = next(opener for suffix, opener in _FORMATS.items() if source.name.endswith(suffix))
    try:
        with archive_errors(str(source)):
            return opener(source, destination, batch, excluded)
    except (ArchiveError, UsageError) as error:
        return Package(source, destination, (RepairedFile(str(source), "error", reason=str(error)),), is_read=False)
