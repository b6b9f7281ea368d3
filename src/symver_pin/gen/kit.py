"""The link kit: a folder that a linker searches before the host's own libraries.

::

    KIT/lib/       stubs under their sonames, libc.so and its kin as linker scripts, the compat archive
    KIT/static/    libstdc++.so, a script that makes -lstdc++ the compiler's static libstdc++
    KIT/include/   features.h for --claim-version
    KIT/bin/       cc and c++: the compilers with the kit, as shell scripts
    KIT/kit.json   what it was made for

A kit depends on the target, the architecture, the compiler and this program; all four are in the name of its folder in
the cache, so an existing one is right and nothing needs to be checked but that it is there. It is made under a temporary
name and renamed: a kill leaves no half kit, and of two processes the second finds the first one's.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from symver_pin import __version__
from symver_pin.elf.arch import Arch
from symver_pin.errors import OutputError
from symver_pin.maps.platforms import Target
from symver_pin.maps.release import Release
from symver_pin.resources import compat_dir, maps_dir, templates_dir

_STAMP = "kit.json"
_STALE_SECONDS = 3600
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
    existing = _read(final)
    if existing is not None and existing["key"] == key:
        return _kit(final, existing)
    if final.exists() and existing is None and (not final.is_dir() or any(final.iterdir())):
        raise OutputError(f"{final}: exists and is no link kit; name an empty or new folder with -o")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        _sweep(final.parent)
        work = Path(tempfile.mkdtemp(prefix=".kit-", dir=final.parent))
    except OSError as error:
        raise OutputError(f"cannot write {final}: {error.strerror}; name another folder with -o, or set "
                          f"SYMVER_PIN_CACHE") from error  # fmt: skip
    try:
        from symver_pin.gen.kit_contents import write_contents

        facts = write_contents(work, final, target, arch, cc)
        (work / _STAMP).write_text(json.dumps({"key": key, **facts}, indent=1) + "\n", encoding="utf-8")
        work.chmod(0o755)
        _move_in(work, final, key)
    except OSError as error:
        raise OutputError(f"cannot write {final}: {error.strerror}; free some space, or name another folder with -o") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return _kit(final, _read(final) or facts)


def _kit(path: Path, facts: dict[str, str]) -> Kit:
    major, minor = facts["glibc"].split(".")
    return Kit(path, Release(int(major), int(minor)), facts["arch"], facts["linker"])


def _read(path: Path) -> dict[str, str] | None:
    """A kit's stamp, None when there is no whole kit."""
    try:
        facts = json.loads((path / _STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) and {"key", "glibc", "arch", "linker"} <= facts.keys() else None


def _move_in(work: Path, final: Path, key: str) -> None:
    """Rename the new kit to its place; give way to an equal one that another process put there meanwhile.

    An older kit in the way (``-o`` with a changed target) is moved aside first, since rename(2) replaces empty folders only.
    """
    try:
        work.rename(final)
        return
    except OSError:
        existing = _read(final)
        if existing is None:
            raise
        if existing["key"] == key:
            return
    aside = Path(tempfile.mkdtemp(prefix=".kit-", dir=final.parent))
    final.rename(aside)
    work.rename(final)
    shutil.rmtree(aside, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what killed processes left an hour ago and more."""
    for stray in folder.glob(".kit-*"):
        if time.time() - stray.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(stray, ignore_errors=True)


def _key(target: Target, arch: Arch, cc: Path) -> str:
    """A digest of all that a kit is made from; of files, by name, size and time, which costs a stat each."""
    parts = [__version__, str(target.glibc), str(target.gcc), arch.name]
    sources = [cc.resolve(), *sorted(maps_dir().iterdir()), *sorted(compat_dir().iterdir())]
    sources += [*sorted(templates_dir().iterdir()), *sorted(Path(__file__).parent.glob("*.py"))]
    for path in sources:
        status = path.stat()
        parts.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join([str(cc), *parts]).encode()).hexdigest()
