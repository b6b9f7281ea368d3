"""The link kit: a folder that a linker searches before the host's own libraries.

::

    KIT/lib/       stubs under their sonames, libc.so and its kin as linker scripts, the compat archive
    KIT/static/    libstdc++.so, a script that makes -lstdc++ the compiler's static libstdc++
    KIT/include/   features.h for --claim-version
    KIT/bin/       cc and c++: the compilers with the kit, as shell scripts
    KIT/kit.json   what it was made for

A kit depends on the target, the architecture, the compiler and this program; all four are in the name of its folder in
the cache, so an existing one is right and nothing needs to be checked but that it is there. This module finds a kit and
is on the path of every call of ``symver-pin cc``; ``kit_build`` makes one.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import NamedTuple

from symver_pin import __version__
from symver_pin.elf.arch import Arch
from symver_pin.maps.platforms import Target
from symver_pin.maps.release import Release, parse_release
from symver_pin.resources import compat_dir, maps_dir, templates_dir

STAMP = "kit.json"
#: The first release whose loader understands DT_RELR.
RELR_SINCE = Release(2, 36)


class Kit(NamedTuple):
    """A kit on disk."""

    path: Path
    glibc: Release
    arch: str
    linker: str
    """The linker that its compiler runs by default; a name in ``compilers.LINKERS``."""

    @property
    def lib(self) -> Path:
        """The folder of stubs and scripts."""
        return self.path / "lib"

    def driver(self, name: str) -> Path:
        """``bin/cc`` or ``bin/c++``."""
        return self.path / "bin" / name


def cache_dir() -> Path:
    """``$SYMVER_PIN_CACHE``, else ``symver-pin`` in the user's cache folder."""
    named = os.environ.get("SYMVER_PIN_CACHE")
    if named:
        return Path(named).absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache").absolute() / "symver-pin"


def ensure_kit(target: Target, arch: Arch, cc: Path, output: Path | None = None) -> Kit:
    """The kit for a target: the one in ``output`` or the cache when it is right, else a new one.

    Raises UsageError, ToolError or CompatError when it cannot be made, OutputError when it cannot be written.
    """
    key = _key(target, arch, cc)
    final = (output or cache_dir() / "kits" / f"{arch.name}-{target.glibc}-{key[:12]}").absolute()
    facts = read_stamp(final)
    if facts is None or facts["key"] != key:
        from symver_pin.gen.kit_build import build_kit

        facts = build_kit(final, key, target, arch, cc)
    return Kit(final, parse_release(facts["glibc"]), facts["arch"], facts["linker"])


def read_stamp(path: Path) -> dict[str, str] | None:
    """A kit's stamp, None when there is no whole kit."""
    try:
        facts = json.loads((path / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) and {"key", "glibc", "arch", "linker"} <= facts.keys() else None


def _key(target: Target, arch: Arch, cc: Path) -> str:
    """A digest of all that a kit is made from; of files, by name, size and time, which costs a stat each."""
    parts = [__version__, str(target.glibc), str(target.gcc), arch.name]
    sources = [cc.resolve(), *sorted(maps_dir().iterdir()), *sorted(compat_dir().iterdir())]
    sources += [*sorted(templates_dir().iterdir()), *sorted(Path(__file__).parent.glob("*.py"))]
    for path in sources:
        status = path.stat()
        parts.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join([str(cc), *parts]).encode()).hexdigest()
