"""Make a kit. Other processes see no kit or the whole kit, never a part.

A kit is written into a temporary folder beside its final place, then renamed. If the process is killed, only a
temporary folder remains, which a later call removes. If two processes make the same kit, the second one uses the kit of
the first.
"""

import contextlib
import errno
import os
import shutil
import tempfile
import time
from pathlib import Path

from symver_pin.errors import OutputError
from symver_pin.kit.contents import Recipe, write_contents
from symver_pin.kit.model import STAMP, Stamp, read_stamp, valid_stamp, write_stamp

_TEMPORARY = ".symver-pin-kit-"
"""The beginning of the names of temporary folders."""
_STALE_SECONDS = 3600
_ATTEMPTS = 100


def build_kit(final: Path, recipe: Recipe, advice: str) -> Stamp:
    """Make the kit in the folder ``final``. Returns its stamp.

    ``advice`` tells the user how to name another folder. Raises what ``kit.cache.ensure_kit`` raises.
    """
    if final.exists() and not _is_kit(final) and (not final.is_dir() or any(final.iterdir())):
        raise OutputError(f"{final}: exists and is not a link kit; name an empty or new folder with -o")
    try:
        _make_folders(final.parent)
        _remove_stale_folders(final.parent)
        work = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=final.parent))
    except OSError as error:
        raise OutputError(f"cannot write {final}: {error.strerror}; {advice}") from error
    try:
        stamp = write_contents(work, recipe)
        write_stamp(work, stamp)
        _let_others_read(work)
        _move_into_place(work, final, recipe.key)
    except OSError as error:
        raise OutputError(f"cannot write {final}: {error.strerror}; free some space, or {advice}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return stamp


def _is_kit(folder: Path) -> bool:
    """True if a folder holds a kit, of whichever version of the format."""
    if read_stamp(folder) is not None:
        return True
    return (folder / STAMP).is_file() and (folder / "bin" / "cc").is_file() and (folder / "lib").is_dir()


def _make_folders(folder: Path) -> None:
    """Make a folder and those above it, so that nobody but their owner can write into them, whatever the umask."""
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        missing.mkdir(mode=0o755, exist_ok=True)


def _let_others_read(folder: Path) -> None:
    """Let everybody read a kit and nobody but its owner write it, whatever the umask."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


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
        if valid_stamp(final, key) is not None:
            return
        if _is_kit(final):
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
