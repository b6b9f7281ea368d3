"""The files and folders that the user excludes (``--exclude GLOB``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase


class Excluded:
    """Globs of names and paths.

    A glob without a slash is compared with the name of each file and folder, at any depth (``tests``, ``*.debug``); one
    with a slash with the path below the folder or the archive that was given (``lib/plugins/*``). An excluded folder is
    excluded with all that is in it. ``*`` stands for any characters, slashes included.
    """

    def __init__(self, globs: Iterable[str] = ()) -> None:
        globs = [glob.rstrip("/").removeprefix("./") for glob in globs]
        self._names = [glob for glob in globs if glob and "/" not in glob]
        self._paths = [glob.lstrip("/") for glob in globs if "/" in glob]

    def below(self, folder: str) -> Callable[[str], bool]:
        """A function that tells of a path below ``folder`` whether it is excluded; the folders above it are not."""
        start = len(folder.rstrip("/")) + 1
        return lambda path: self._matches(path[start:])

    def has(self, path: str) -> bool:
        """True if a path in an archive, or a folder above it, is excluded."""
        if not self._names and not self._paths:
            return False
        parts = path.split("/")
        return any(self._matches("/".join(parts[: count + 1])) for count in range(len(parts)))

    def _matches(self, path: str) -> bool:
        name = path.rpartition("/")[2]
        return any(fnmatchcase(name, glob) for glob in self._names) or any(
            fnmatchcase(path, glob) for glob in self._paths
        )
