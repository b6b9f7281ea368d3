"""The cache directory of what tests and the demo download: each thing a folder, made once and kept.

The directory is `$SYMVER_PIN_RUNTIMES`, or `symver-pin/runtimes` in `$XDG_CACHE_HOME` or `~/.cache`. A folder is filled
under a temporary name and renamed when complete, under a lock: a kill leaves no half folder, and of two processes one
fills it while the other waits. What a registry refuses to serve is remembered for an hour, so that the many tests that
need it do not ask again one by one; `forget_refusals` deletes these records.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from unavailable import NotServed, Unavailable

REFUSAL_SECONDS = 3600
"""Age up to which a recorded refusal counts."""


def cache_dir() -> Path:
    """The directory that holds the folders; outside any checkout unless `$SYMVER_PIN_RUNTIMES` says otherwise."""
    chosen = os.environ.get("SYMVER_PIN_RUNTIMES")
    if chosen:
        return Path(chosen).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "symver-pin" / "runtimes"


def kept_folder(name: str, fill: Callable[[Path, Path], None]) -> Path:
    """The folder `name` ("glibc-2.17-x86_64", may contain "/") of the cache, filled on first use.

    `fill(folder, scratch)` writes the content to `folder`, which is new and empty; `scratch` is a directory for
    downloads, removed afterwards. Raises what `fill` raises, `NotServed` without asking again when it raised that less
    than an hour ago, and `Unavailable` when the cache cannot be written.
    """
    final = cache_dir() / name
    if final.is_dir():
        return final
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        with locked(final.parent / f".lock-{final.name}"):
            if not final.is_dir():
                _raise_recent_refusal(final)
                _make(final, fill)
    except OSError as error:
        raise Unavailable(f"cannot write {final}: {error}") from error
    return final


def forget_refusals() -> None:
    """Delete all recorded refusals, so that the next use of each thing asks the registries again."""
    for refusal in cache_dir().rglob(".refused-*"):
        refusal.unlink(missing_ok=True)


def _refusal(final: Path) -> Path:
    return final.parent / f".refused-{final.name}"


def _raise_recent_refusal(final: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if time.time() - _refusal(final).stat().st_mtime < REFUSAL_SECONDS:
            raise NotServed(_refusal(final).read_text())


def _make(final: Path, fill: Callable[[Path, Path], None]) -> None:
    """Fill a folder beside `final` and rename it; what killed processes left goes first (the caller holds the lock)."""
    for left_over in final.parent.glob(f".making-{final.name}-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    making = Path(tempfile.mkdtemp(prefix=f".making-{final.name}-", dir=final.parent))
    umask = os.umask(0o022)  # others run programs in these folders too: nobody, or a user in a namespace
    try:
        folder, scratch = making / "folder", making / "scratch"
        folder.mkdir()
        scratch.mkdir()
        fill(folder, scratch)
        folder.rename(final)
        _refusal(final).unlink(missing_ok=True)
    except NotServed as error:
        _refusal(final).write_text(str(error))
        raise
    finally:
        os.umask(umask)
        shutil.rmtree(making, ignore_errors=True)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file while something in the cache is made."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
