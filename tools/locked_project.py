"""A cargo project in the versions that it was tested with: ``copy_locked`` copies it to where it is built.

A project keeps them in ``versions.lock``, a ``Cargo.lock`` whose sources are the word ``registry``. What cargo calls
its registry on this machine stands in the lock file that cargo makes first.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from clients import run_client

VERSIONS = "versions.lock"
SOURCE = re.compile(r'^source = "(registry[^"]*)"$', re.MULTILINE)


def copy_locked(project: Path, into: Path) -> Path:
    """Copy ``project`` to the folder ``into``, with its ``Cargo.lock``; returns ``into``.

    All its crates are in cargo's own cache afterwards, so that what builds it needs no network. Files keep their times,
    so that what was built there before stays built. Raises `NotServed` when the registry does not have a crate today,
    and `Unavailable` when cargo cannot use the project's manifest or its ``versions.lock``.
    """
    shutil.copytree(project, into, dirs_exist_ok=True)
    versions = (project / VERSIONS).read_text()
    lock = into / "Cargo.lock"
    if not lock.is_file() or SOURCE.sub('source = "registry"', lock.read_text()) != versions:
        lock.unlink(missing_ok=True)
        run_client(["cargo", "generate-lockfile", "--quiet"], f"cargo cannot lock {project.name}", into)
        named = SOURCE.search(lock.read_text())
        assert named is not None, f"{project} takes nothing from a registry"
        made = lock.with_suffix(".new")
        made.write_text(SOURCE.sub(f'source = "{named[1]}"', versions))
        made.replace(lock)
    fetch = ["cargo", "fetch", "--quiet", "--locked", "--target", "x86_64-unknown-linux-gnu"]
    run_client(fetch, f"cargo cannot fetch the crates of {project.name}", into)
    return into
