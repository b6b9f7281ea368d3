"""Make a kit. Other processes see no kit or the whole kit, never a part.

A kit is written into a temporary folder beside its final place, then renamed. If the process is killed, only a
temporary folder remains, which a later call removes. If two processes make the same kit, the second one uses the kit of
the first.
"""

import contextlib
import errno
import json
import shutil
import tempfile
import time
from pathlib import Path

from symver_pin.errors import OutputError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.kit.contents import write_contents
from symver_pin.kit.model import STAMP, KitOptions, read_stamp
from symver_pin.machine.arch import Arch

_TEMPORARY = ".symver-pin-kit-"
"""The beginning of the names of temporary folders."""
_STALE_SECONDS = 3600
_ATTEMPTS = 100


def build_kit(
    final: Path, key: str, target: Target, arch: Arch, cc: Path, options: KitOptions, maps: Maps
) -> dict[str, str]:
    """Make the kit in the folder ``final``. Returns its stamp, the content of ``kit.json``.

    Raises what ``kit.cache.ensure_kit`` raises.
    """
    if final.exists() and read_stamp(final) is None and (not final.is_dir() or any(final.iterdir())):
        raise OutputError(f"{final}: exists and is not a link kit; name an empty or new folder with -o")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale_folders(final.parent)
        work = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=final.parent))
    except OSError as error:
        raise OutputError(
            f"cannot write {final}: {error.strerror}; name another folder with -o, or set SYMVER_PIN_CACHE"
        ) from error
    try:
        facts = {"key": key, **write_contents(work, final, target, arch, cc, options, maps)}
        (work / STAMP).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        work.chmod(0o755)
        _move_into_place(work, final, key)
    except OSError as error:
        raise OutputError(
            f"cannot write {final}: {error.strerror}; free some space, or name another folder with -o"
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return facts


def _move_into_place(work: Path, final: Path, key: str) -> None:
    """Rename the new kit to its final place, unless another process has put a kit with the same key there.

    A kit with another key (``-o`` with a changed target) is removed first, because rename(2) replaces only empty
    folders. Another process can do the same between any two steps, so the steps are repeated until one rename succeeds.
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
            _remove_kit(final)


def _remove_kit(final: Path) -> None:
    """Rename a kit to a temporary name and remove it. Does nothing if another process has removed it."""
    aside = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=final.parent))
    with contextlib.suppress(FileNotFoundError):
        final.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def _remove_stale_folders(folder: Path) -> None:
    """Remove the temporary folders of killed processes, recognised by an age of more than an hour."""
    for stray in folder.glob(f"{_TEMPORARY}*"):
        if time.time() - stray.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(stray, ignore_errors=True)
