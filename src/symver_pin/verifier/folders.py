"""Walk folders for programs, libraries and archives. Scripts, objects and debug information are passed over.

Symbolic links inside a folder are not followed: the file that they lead to is there under its own name, or is not part
of the folder. A documentation folder has thousands of files that are neither, so nothing is done to a file but to open
it, read its first bytes and close it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from symver_pin.loader.verdict import FileVerdict
from symver_pin.verifier.candidates import Archive
from symver_pin.verifier.sniff import read_head, sniff


def walk(folder: str, progress: Callable[[str], None]) -> Iterator[str | Archive | FileVerdict]:
    """The programs (paths), archives and unreadable files (verdict ``error``) below a folder; nothing is opened.

    Files come before folders, both in the order of their names. ``progress`` is called with each folder.
    """
    left, unreadable = [folder], []
    while left:
        parent = left.pop()
        progress(parent)
        try:
            with os.scandir(parent) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
                folders = [entry for entry in listed if entry.is_dir(follow_symlinks=False)]
        except OSError as error:
            unreadable.append(unreadable_verdict(parent, error))
            continue
        base = parent.rstrip("/")
        for entry in listed:
            if entry not in folders:
                found = _look_at(entry, f"{base}/{entry.name}")
                if found is not None:
                    yield found
        left += [f"{base}/{entry.name}" for entry in reversed(folders)]
    yield from unreadable


def _look_at(entry: os.DirEntry[str], path: str) -> str | Archive | FileVerdict | None:
    try:
        if not entry.is_file(follow_symlinks=False):
            return None
        kind = sniff(read_head(path, os.O_NOFOLLOW), path)
    except OSError as error:
        return unreadable_verdict(path, error)
    if kind == "archive":
        return Archive(path)
    return path if kind else None


def unreadable_verdict(path: str, error: OSError) -> FileVerdict:
    """The verdict on a file or folder that cannot be read."""
    return FileVerdict(path, "error", error=f"{path}: cannot be read: {error.strerror}; check who may read it")
