"""Lists of names in a file, for ``--files-from``."""

from __future__ import annotations

import sys
from pathlib import Path

from symver_pin.errors import UsageError


def read_file_list(name: str) -> list[str]:
    """The names in a file, ``-`` for standard input: each ended by a zero byte where there is one (``find -print0``),
    else one a line. Raises UsageError when the list cannot be read.
    """
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"--files-from {name}: cannot be read: {error.strerror}") from error
    names = data.split(b"\0") if b"\0" in data else data.splitlines()
    return [item.decode("utf-8", "surrogateescape") for item in names if item]
