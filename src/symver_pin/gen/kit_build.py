"""Make a kit, in one step as others see it.

It is written under a temporary name beside its place and renamed: a kill at any moment leaves no half kit, only a stray
folder that a later call removes; of two processes at once the second one finds the first one's kit in its place.
"""

import contextlib
import errno
import json
import shutil
import tempfile
import time
from pathlib import Path

from symver_pin.elf.arch import Arch
from symver_pin.errors import OutputError
from symver_pin.gen.kit import STAMP, KitOptions, read_stamp
from symver_pin.gen.kit_contents import write_contents
from symver_pin.maps.platforms import Target

_STRAY = ".symver-pin-kit-"
_STALE_SECONDS = 3600
_ATTEMPTS = 100


def build_kit(final: Path, key: str, target: Target, arch: Arch, cc: Path, options: KitOptions) -> dict[str, str]:
    """Make the kit ``final``; returns its stamp. Raises what ``gen.kit_cache.ensure_kit`` raises."""
    if final.exists() and read_stamp(final) is None and (not final.is_dir() or any(final.iterdir())):
        raise OutputError(f"{final}: exists and is no link kit; name an empty or new folder with -o")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        _sweep(final.parent)
        work = Path(tempfile.mkdtemp(prefix=_STRAY, dir=final.parent))
    except OSError as error:
        raise OutputError(
            f"cannot write {final}: {error.strerror}; name another folder with -o, or set SYMVER_PIN_CACHE"
        ) from error
    try:
        facts = {"key": key, **write_contents(work, final, target, arch, cc, options)}
        (work / STAMP).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        work.chmod(0o755)
        _move_in(work, final, key)
    except OSError as error:
        raise OutputError(
            f"cannot write {final}: {error.strerror}; free some space, or name another folder with -o"
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return facts


def _move_in(work: Path, final: Path, key: str) -> None:
    """Rename the new kit to its place; give way to an equal one that another process put there meanwhile.

    An older kit in the way (``-o`` with a changed target) is moved aside first, since rename(2) replaces empty folders
    only. Another process may do the same between any two steps, so each step may find the place empty or taken again.
    """
    for attempt in range(_ATTEMPTS):
        try:
            work.rename(final)
            return
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or attempt == _ATTEMPTS - 1:
                raise
        existing = read_stamp(final)
        if existing is not None:
            if existing["key"] == key:
                return
            _move_aside(final)


def _move_aside(final: Path) -> None:
    """Take a kit from its place and remove it; nothing when another process was faster."""
    aside = Path(tempfile.mkdtemp(prefix=_STRAY, dir=final.parent))
    with contextlib.suppress(FileNotFoundError):
        final.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what killed processes left an hour ago and more."""
    for stray in folder.glob(f"{_STRAY}*"):
        if time.time() - stray.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(stray, ignore_errors=True)
