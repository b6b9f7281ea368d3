"""The link kit: a folder that a linker searches before the host's own libraries.

::

    KIT/lib/       linker scripts (libc.so, libm.so, libcrypt.so, libgcc_s.so, pin.ld), links by which -l finds the
                   stubs
    KIT/lib/symver-pin-ARCH-RELEASE-KEY/  stubs under their sonames, compat archives; slim/ and bundles/
    KIT/lib/mold/  the same for mold, which uses the archives in bundles/
    KIT/static/    scripts that make -lstdc++, -lgomp, -lgfortran ... the compiler's static libraries
    KIT/static-libgcc/  cc and gcc, scripts that run bin/cc with -static-libgcc; libgcc_s.so makes -lgcc_s the
                   static libgcc
    KIT/rustc/     gcc, which runs bin/cc: the linker for rustc where the user or a cross build chose one
    KIT/include/   features.h for --claim-version
    KIT/bin/       cc, c++ and fc: shell scripts that run the compilers with the kit
    KIT/toolchain.cmake, meson.ini, env.sh  the kit for CMake, Meson and a shell
    KIT/kit.json   the stamp: what the kit was made for, and its files

A kit depends on the target, the architecture, the compiler with its headers, and this program. The name of its folder
in the cache contains a digest of all that is known without running the compiler (``kit.cache``). The stamp has the
rest: the ``<features.h>`` that was read, the sizes of all files, and digests of the archives, whose code is linked into
programs. Nothing in a kit depends on the place where it stands, so it can be moved and copied.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from symver_pin.glibc.release import Release, parse_release

STAMP = "kit.json"
LINK_OPTIONS = "link.options"


class KitOptions(NamedTuple):
    """The options of a kit, apart from its target and compiler."""

    warn: bool = True
    """True if linkers warn about a symbol whose older version behaves differently."""
    compat: frozenset[str] | None = None
    """The functions newer than the target for which the kit has compat objects; None for all."""
    undeclared: bool = False
    """True if links can also use functions that the headers of the build host do not declare."""


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
    options: dict[str, tuple[str, ...]]
    """The name of each linker that needs options so that it makes nothing that the target's loader does not understand
    -> these options."""
    headers: Release
    """The glibc release of the headers that the kit's compiler reads."""
    known: Release
    """The newest glibc release of the symbol tables that the kit was made from."""

    @property
    def lib(self) -> Path:
        """The folder of linker scripts, and of the links by which ``-l`` finds the stubs."""
        return self.path / "lib"

    @property
    def link_options(self) -> Path:
        """A response file of options for a linker. A link whose line names it fails if the kit is not there."""
        return self.lib / LINK_OPTIONS

    def rust_linker(self, static_libgcc: bool, chosen: bool) -> Path:
        """The path of the linker for rustc; see the function ``rust_linker``."""
        return rust_linker(self.path, static_libgcc, chosen)

    def driver(self, name: str) -> Path:
        """The path of the compiler wrapper ``name``: ``cc``, ``c++`` or ``fc``."""
        return self.path / "bin" / name


def rust_linker(kit: Path, static_libgcc: bool, chosen: bool) -> Path:
    """The path of the linker for rustc in the folder of a kit.

    With ``static_libgcc`` it replaces ``-lgcc_s``, which rustc adds itself, by the static libgcc. ``chosen`` is
    true if the user, or the need for a cross compiler, chose the linker that the kit replaces. rustc reads the name
    of a linker: one called ``cc`` is the default of the target, for which rustc may add ``-fuse-ld=lld`` (x86-64,
    from 1.90 on); one called ``gcc`` gets no such option.
    """
    if static_libgcc:
        return kit / "static-libgcc" / ("gcc" if chosen else "cc")
    return kit / "rustc" / "gcc" if chosen else kit / "bin" / "cc"


class Stamp(NamedTuple):
    """The content of ``kit.json``."""

    key: str
    """The key of the kit (``kit.cache``)."""
    glibc: str
    gcc: str
    arch: str
    cc: str
    """The command of the C compiler, as a shell would read it."""
    linker: str
    options: dict[str, list[str]]
    """See ``Kit.options``."""
    headers: str
    """The glibc release of the compiler's headers."""
    known: str
    """See ``Kit.known``."""
    features: tuple[str, int, int]
    """The path, size and modification time (nanoseconds) of the ``<features.h>`` that the compiler reads."""
    files: dict[str, int]
    """The path of each file below the kit, links left out -> its size in bytes."""
    digests: dict[str, str]
    """The path of each archive below the kit -> the digest of its content (BLAKE2b, 32 bytes, hexadecimal)."""


def write_stamp(folder: Path, stamp: Stamp) -> None:
    """Write the stamp of the kit in a folder. Raises OSError."""
    (folder / STAMP).write_text(json.dumps(stamp._asdict(), indent=1) + "\n", encoding="utf-8")


def read_stamp(folder: Path) -> Stamp | None:
    """The stamp of the kit in a folder. None if the folder has no stamp, or that of another version of the format."""
    try:
        facts: Any = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(facts, dict) or facts.keys() != set(Stamp._fields):
        return None
    features = facts["features"]
    is_sound = (
        isinstance(facts["files"], dict)
        and isinstance(facts["digests"], dict)
        and isinstance(features, list)
        and [type(item) for item in features] == [str, int, int]
    )
    return Stamp(**{**facts, "features": tuple(features)}) if is_sound else None


def digest_of(file: Path) -> str:
    """The digest of a file's content, as in ``Stamp.digests``. Raises OSError."""
    return blake2b(file.read_bytes(), digest_size=32).hexdigest()


def damage(folder: Path, stamp: Stamp) -> str | None:
    """The fault of a kit's files, if one is missing or changed; None if all are whole."""
    for name, size in stamp.files.items():
        try:
            found = (folder / name).stat().st_size
        except OSError as error:
            return f"{folder / name}: {error.strerror}"
        if found != size:
            return f"{folder / name}: {found} bytes, was made with {size}"
    for name, digest in stamp.digests.items():
        if digest_of(folder / name) != digest:
            return f"{folder / name}: its content has changed since the kit was made"
    return None


def valid_stamp(folder: Path, key: str) -> Stamp | None:
    """The stamp of the kit in a folder if it has this key, is whole, and its compiler's headers are still the same."""
    stamp = read_stamp(folder)
    if stamp is None or stamp.key != key:
        return None
    name, size, changed = stamp.features
    try:
        status = Path(name).stat()
    except OSError:
        return None
    is_current = (status.st_size, status.st_mtime_ns) == (size, changed)
    return stamp if is_current and damage(folder, stamp) is None else None


def kit_at(folder: Path, stamp: Stamp) -> Kit:
    """The kit in a folder with a stamp. Raises UsageError if a release in the stamp is malformed."""
    glibc, headers, known = map(parse_release, (stamp.glibc, stamp.headers, stamp.known))
    options = {name: tuple(words) for name, words in stamp.options.items()}
    return Kit(folder, glibc, stamp.arch, stamp.linker, options, headers, known)
