"""Write the results of a repair. Each file gets its content under a temporary name and is then renamed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from symver_pin.errors import OutputError
from symver_pin.files import write_atomic
from symver_pin.repairer.members import Member


def write_members(members: Iterable[Member]) -> None:
    """Write files to their places; folders are made. Raises OutputError."""
    for member in members:
        path = Path(member.path)
        is_new = not path.exists()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror}") from error
        write_atomic(path, [bytes(member.data)] if not isinstance(member.data, bytes) else member.data)
        if is_new:
            path.chmod(member.mode & 0o777)


def copy_tree(folder: Path, destination: Path, changed: Iterable[Member]) -> None:
    """Copy a folder to a new place, with links as links and with the content of some files changed or added.

    ``destination`` appears when the copy is whole. Raises OutputError, also if it exists.
    """
    if os.path.lexists(destination):
        raise OutputError(f"{destination}: exists; name an empty or new folder with -o")
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".symver-pin-repair-", dir=destination.parent))
        try:
            copy = work / destination.name
            shutil.copytree(folder, copy, symlinks=True, ignore=lambda parent, _names: _ignored(parent, work))
            write_members(
                member._replace(path=str(copy / Path(member.path).relative_to(destination))) for member in changed
            )
            copy.rename(destination)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except shutil.Error as error:
        first = error.args[0][0] if error.args and error.args[0] else error
        raise OutputError(f"cannot copy {folder}: {first}") from error
    except OSError as error:
        raise OutputError(f"cannot write {destination}: {error.strerror}") from error


def _ignored(parent: str, work: Path) -> list[str]:
    """The work folder itself, where the output lies in the folder that is copied."""
    return [work.name] if Path(parent) == work.parent else []
