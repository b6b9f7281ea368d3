"""A cargo project in the versions that it was tested with: ``copy_locked`` copies it to where it is built.

A project keeps them in ``versions.lock``, a ``Cargo.lock`` whose sources are the word ``registry``. What cargo calls
its registry on this machine stands in the lock file that cargo makes first.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

VERSIONS = "versions.lock"
SOURCE = re.compile(r'^source = "(registry[^"]*)"$', re.MULTILINE)


def copy_locked(project: Path, into: Path) -> Path:
    """Copy ``project`` to the folder ``into``, with its ``Cargo.lock``; returns ``into``.

    Files keep their times, so that what was built there before stays built. Raises CalledProcessError when cargo cannot
    reach its registry, which cargo has said by then.
    """
    shutil.copytree(project, into, dirs_exist_ok=True)
    versions = (project / VERSIONS).read_text()
    lock = into / "Cargo.lock"
    if not lock.is_file() or SOURCE.sub('source = "registry"', lock.read_text()) != versions:
        lock.unlink(missing_ok=True)
        subprocess.run(["cargo", "generate-lockfile", "--quiet"], cwd=into, check=True)
        named = SOURCE.search(lock.read_text())
        assert named is not None, f"{project} takes nothing from a registry"
        made = lock.with_suffix(".new")
        made.write_text(SOURCE.sub(f'source = "{named[1]}"', versions))
        made.replace(lock)
    return into
