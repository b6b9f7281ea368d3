"""The link kit: a folder that a linker searches before the host's own libraries.

::

    KIT/lib/       stubs under their sonames, libc.so and its kin as linker scripts, the compat archive
    KIT/static/    libstdc++.so, a script that makes -lstdc++ the compiler's static libstdc++
    KIT/static-libgcc/  cc, bin/cc with -static-libgcc; libgcc_s.so, a script that makes -lgcc_s the static libgcc
    KIT/include/   features.h for --claim-version
    KIT/bin/       cc and c++: the compilers with the kit, as shell scripts
    KIT/kit.json   what it was made for

A kit depends on the target, the architecture, the compiler and this program; all four are in the name of its folder in
the cache (``kit_cache``), so an existing one is right and nothing needs to be checked but that it is there.
"""

import json
from pathlib import Path
from typing import NamedTuple

from symver_pin.maps.release import Release, parse_release

STAMP = "kit.json"


class KitOptions(NamedTuple):
    """What a kit is made with, beside its target and compiler."""

    warn: bool = True
    """Let linkers speak of symbols whose older version means something else."""
    compat: frozenset[str] | None = None
    """Compat objects for these younger functions only; None for all."""


DEFAULTS = KitOptions()


class Kit(NamedTuple):
    """A kit on disk."""

    path: Path
    glibc: Release
    arch: str
    linker: str
    """The linker that its compiler runs by default; a name in ``compilers.LINKERS``."""
    packing: tuple[str, ...]
    """The linkers that must be told to make no DT_RELR."""

    @property
    def lib(self) -> Path:
        """The folder of stubs and scripts."""
        return self.path / "lib"

    @property
    def static_libgcc_driver(self) -> Path:
        """A linker for rustc, which names libgcc_s itself: ``bin/cc`` with the static libgcc in its place."""
        return self.path / "static-libgcc" / "cc"

    def driver(self, name: str) -> Path:
        """``bin/cc`` or ``bin/c++``."""
        return self.path / "bin" / name


def read_stamp(path: Path) -> dict[str, str] | None:
    """A kit's stamp, None when there is no whole kit."""
    try:
        facts = json.loads((path / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) and {"key", "glibc", "arch", "linker", "packing"} <= facts.keys() else None


def kit_at(path: Path, facts: dict[str, str]) -> Kit:
    """The kit whose stamp says ``facts``."""
    return Kit(path, parse_release(facts["glibc"]), facts["arch"], facts["linker"], tuple(facts["packing"].split()))
