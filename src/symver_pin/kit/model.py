"""The link kit: a folder that a linker searches before the host's own libraries.

::

    KIT/lib/       stubs under their sonames; linker scripts (libc.so, libm.so, libcrypt.so, libgcc_s.so,
                   pin.ld); compat archives
    KIT/static/    libstdc++.so, a script that makes -lstdc++ the compiler's static libstdc++
    KIT/static-libgcc/  cc, a script that runs bin/cc with -static-libgcc; libgcc_s.so, a script that makes -lgcc_s the
                   static libgcc
    KIT/include/   features.h for --claim-version
    KIT/bin/       cc and c++: shell scripts that run the compilers with the kit
    KIT/kit.json   the stamp: what the kit was made for

A kit depends on the target, the architecture, the compiler and this program. The name of its folder in the cache
contains a digest of all four (``kit.cache``). An existing kit is therefore up to date, and only its existence must be
checked.
"""

import json
from pathlib import Path
from typing import NamedTuple

from symver_pin.glibc.release import Release, parse_release

STAMP = "kit.json"


class KitOptions(NamedTuple):
    """The options of a kit, apart from its target and compiler."""

    warn: bool = True
    """True if linkers warn about a symbol whose older version behaves differently."""
    compat: frozenset[str] | None = None
    """The functions newer than the target for which the kit has compat objects; None for all."""


DEFAULTS = KitOptions()


class Kit(NamedTuple):
    """A kit on disk."""

    path: Path
    """The absolute path of its folder."""
    glibc: Release
    """The target release."""
    arch: str
    linker: str
    """The name (in ``kit.compiler.LINKERS``) of the linker that the kit's compiler runs by default."""
    packing: tuple[str, ...]
    """The names of the linkers that need an option so that they do not pack relative relocations into DT_RELR."""

    @property
    def lib(self) -> Path:
        """The folder of stubs, linker scripts and archives."""
        return self.path / "lib"

    @property
    def static_libgcc_driver(self) -> Path:
        """A linker for rustc that replaces ``-lgcc_s``, which rustc adds itself, by the static libgcc."""
        return self.path / "static-libgcc" / "cc"

    def driver(self, name: str) -> Path:
        """The path of the compiler wrapper ``name``: ``cc`` or ``c++``."""
        return self.path / "bin" / name


def read_stamp(path: Path) -> dict[str, str] | None:
    """The stamp of the kit in a folder: the content of ``kit.json``. None if the folder has no complete kit."""
    try:
        facts = json.loads((path / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) and {"key", "glibc", "arch", "linker", "packing"} <= facts.keys() else None


def kit_at(path: Path, facts: dict[str, str]) -> Kit:
    """The kit in the folder ``path`` with the stamp ``facts``."""
    return Kit(path, parse_release(facts["glibc"]), facts["arch"], facts["linker"], tuple(facts["packing"].split()))
