"""Packages that are one tar: npm packages (``package/`` in a ``.tgz``), and the tarballs of vendors.

Nothing in them says what their files need, and none has digests of its files. Added libraries go to the top folder of
the package, from which ``$ORIGIN`` leads to every file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from symver_pin.repairer.batch import Batch
from symver_pin.repairer.packages.package import Package, repair_contents
from symver_pin.repairer.packages.tars import Tar


def open_tarball(source: Path, destination: Path, batch: Batch, excluded: Callable[[str], bool]) -> Package:
    """Repair the files of a tar: see ``package.Open``."""
    tar = Tar(source.read_bytes(), str(source))
    tops = {name.partition("/")[0] if "/" in name else "" for name in tar.files}
    top = tops.pop() if len(tops) == 1 else ""
    contents = repair_contents(source, tar.files, lambda _name: top, batch, excluded)
    if not contents.changed and not contents.added:
        return Package(source, destination, contents.files)
    return Package(source, destination, contents.files, lambda: tar.changed(contents.changed, contents.added, 0o755))
