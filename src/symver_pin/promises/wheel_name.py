"""The file name of a wheel, and what its platform tags promise.

The name is ``NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl``; each of the last three may be several, joined by dots
(PyPA's binary distribution format). ``manylinux_X_Y_ARCH`` says: runs on glibc X.Y and later (PEP 600). The older names
``manylinux1``, ``manylinux2010`` and ``manylinux2014`` stand for 2.5, 2.12 and 2.17. ``musllinux_X_Y_ARCH`` is for musl
(PEP 656), and ``linux_ARCH`` says nothing of the C library.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from symver_pin.glibc.release import Release
from symver_pin.promises.promise import Promise

_NAME = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)(-\d[^-]*)?-(?P<tags>[^-]+-[^-]+)-(?P<platform>[^-]+)\.whl")
_MANYLINUX = re.compile(r"manylinux(?:_(?P<major>\d+)_(?P<minor>\d+)|(?P<year>\d+))_(?P<arch>[a-z]\w*)")
_PLATFORM = re.compile(r"(?:many)?linux(?:_\d+_\d+|\d+)?_([a-z]\w+)")
"""One platform of a tag for glibc: ``manylinux_2_28_x86_64``, ``manylinux2014_aarch64``, ``linux_x86_64``; with its
processor."""

ALIASES = {"1": Release(2, 5), "2010": Release(2, 12), "2014": Release(2, 17)}
"""The number in an older name (``manylinux2014``) -> the glibc release that it stands for (PEP 600)."""


class WheelName(NamedTuple):
    """The parts of a wheel's file name."""

    name: str
    """The name of the distribution, in which ``-`` is written ``_``."""
    version: str
    tags: str
    """The tags of the interpreter and its ABI: ``cp311-cp311``, ``py2.py3-none``."""
    platform: str
    """All platforms, joined by dots: ``manylinux_2_17_x86_64.manylinux2014_x86_64``, ``any``."""

    @property
    def architecture(self) -> str:
        """The processor for which all platforms are, as the tag names it; "" if one is not of glibc, or they differ."""
        parts = [_PLATFORM.fullmatch(part) for part in self.platform.split(".")]
        found = {part[1] if part is not None else "" for part in parts}
        return found.pop() if len(found) == 1 else ""

    @property
    def promise(self) -> Promise:
        """What the platforms promise together: the oldest glibc release of those that name one."""
        found = [matched for matched in map(_MANYLINUX.fullmatch, self.platform.split(".")) if matched is not None]
        releases = [(_release(matched), matched[0]) for matched in found]
        if releases and min(releases)[0] > Release(0, 0):
            release, tag = min(releases)
            return Promise(f"tag {tag}", "glibc", release, f"manylinux_{release.major}_{release.minor}")
        is_musl = any(part.startswith("musllinux_") for part in self.platform.split("."))
        return Promise(f"tag {self.platform}", "musl" if is_musl else "")


def _release(matched: re.Match[str]) -> Release:
    if matched["year"] is not None:
        return ALIASES.get(matched["year"], Release(0, 0))
    return Release(int(matched["major"]), int(matched["minor"]))


def parse_wheel_name(name: str) -> WheelName | None:
    """The parts of a file name without its folder; None for a name that is not a wheel's.

    >>> parse_wheel_name("numpy-2.4.6-cp311-cp311-manylinux2014_x86_64.whl").promise.glibc
    Release(major=2, minor=17)
    """
    matched = _NAME.fullmatch(name)
    if matched is None:
        return None
    return WheelName(matched["name"], matched["version"], matched["tags"], matched["platform"])


def manylinux_platform(release: Release, architecture: str) -> str:
    """The platform tag of a glibc release, with the older name where there is one, as most packagers write it.

    >>> manylinux_platform(Release(2, 17), "x86_64")
    'manylinux_2_17_x86_64.manylinux2014_x86_64'
    """
    names = [f"manylinux_{release.major}_{release.minor}"]
    names += [f"manylinux{year}" for year, named in ALIASES.items() if named == release]
    return ".".join(f"{name}_{architecture}" for name in names)
