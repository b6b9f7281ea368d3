"""Walk folders for programs, libraries and archives. Scripts without data behind them, objects and debug information
are passed over.

Symbolic links inside a folder are not followed: the file that they lead to is there under its own name, or is not part
of the folder. A documentation folder has thousands of files that are neither, so nothing is done to a file but to open
it, read its first bytes and close it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from symver_pin.archives.kinds import ISO_9660, title_of
from symver_pin.loader.verdict import FileVerdict
from symver_pin.verifier.discovery.candidates import Archive
from symver_pin.verifier.discovery.sniff import is_binary, read_ends, sniff
from symver_pin.verifier.unjudged import fake_verdict, unreadable_verdict


def walk(
    folder: str, progress: Callable[[str], None], excluded: Callable[[str], bool] = lambda _path: False
) -> Iterator[str | Archive | FileVerdict]:
    """The programs (paths), archives, and the files that are unreadable (verdict ``error``) or only begin like an
    archive (``skipped``) below a folder; nothing is opened.

    Files come before folders, both in the order of their names. ``progress`` is called with each folder; what is
    ``excluded`` is passed over, a folder with all that is in it.
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
            path = f"{base}/{entry.name}"
            if entry not in folders and not excluded(path):
                found = _look_at(entry, path)
                if found is not None:
                    yield found
        below = [f"{base}/{entry.name}" for entry in reversed(folders)]
        left += [path for path in below if not excluded(path)]
    yield from unreadable


def _look_at(entry: os.DirEntry[str], path: str) -> str | Archive | FileVerdict | None:
    try:
        if not entry.is_file(follow_symlinks=False):
            return None
        head, tail = read_ends(path, os.O_NOFOLLOW)
    except OSError as error:
        return unreadable_verdict(path, error)
    kind = sniff(head)
    if kind == "fake":
        return fake_verdict(path, title_of(head))
    if kind == "archive" or (kind == "script" and is_binary(tail)) or (not kind and tail == ISO_9660.magic):
        return Archive(path)
    return path if kind == "program" else None
