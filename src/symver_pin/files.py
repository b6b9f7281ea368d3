"""Write a file or a folder so that a reader never sees half of it.

Everything is written beside its destination under a temporary name and renamed: rename(2) is atomic within one file
system, so a kill at any moment leaves either the old thing, the new thing, or a stray temporary name.
"""

import os
import tempfile
from pathlib import Path

from symver_pin.errors import OutputError


def write_atomic(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replace ``path`` by ``data`` in one step.

    Raises OutputError when the folder does not exist or cannot be written, or the disk is full.
    """
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
