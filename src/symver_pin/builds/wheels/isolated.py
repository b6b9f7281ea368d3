"""Build a wheel by PEP 517 in an environment of its own, with the library ``build`` (extra ``wheel``)."""

from __future__ import annotations

import os
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from symver_pin.errors import ToolError, UsageError
from symver_pin.optional_packages import need_packages

_STDERR = 2


def build_wheel(
    project: Path, output: Path, variables: Mapping[str, str], config: Mapping[str, Any], isolated: bool = True
) -> Path:
    """Build the wheel of a project, a folder with a ``pyproject.toml`` or ``setup.py``, into the folder ``output``.

    ``variables`` are added to the environment of the build; what the build prints goes to standard error. ``config``
    are settings for the build backend. Without ``isolated``, the build requirements must be installed already.

    Raises UsageError for a folder that is no project, or when the library ``build`` is missing; ToolError when the
    build fails.
    """
    need_packages("wheel", "build")
    import build
    from build.env import DefaultIsolatedEnv

    if not any((project / name).is_file() for name in ("pyproject.toml", "setup.py")):
        raise UsageError(f"{project}: has no pyproject.toml and no setup.py; name the folder of a Python project")

    def run(cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
        environment = {**os.environ, **variables, **(extra_environ or {})}
        subprocess.run(list(cmd), cwd=cwd, env=environment, stdout=_STDERR, check=True)

    try:
        if not isolated:
            return Path(build.ProjectBuilder(project, runner=run).build("wheel", output, config))
        with DefaultIsolatedEnv() as place:
            builder = build.ProjectBuilder.from_isolated_env(place, project, runner=run)
            place.install(builder.build_system_requires)
            place.install(builder.get_requires_for_build("wheel", config))
            return Path(builder.build("wheel", output, config))
    except (build.BuildException, build.BuildBackendException, subprocess.CalledProcessError) as error:
        reason = str(error).strip().splitlines()
        raise ToolError(f"{project}: the wheel cannot be built: {reason[-1] if reason else error!r}") from error


def unpacked(sdist: Path, folder: Path) -> Path:
    """Unpack a source distribution (``NAME-VERSION.tar.gz``) into a folder; the project in it.

    Raises UsageError for a file that is none.
    """
    try:
        with tarfile.open(sdist) as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise UsageError(f"{sdist}: is no source distribution: {error}") from error
    found = [path for path in folder.iterdir() if path.is_dir()]
    if len(found) != 1:
        raise UsageError(f"{sdist}: is no source distribution: it must hold one folder, and holds {len(found)}")
    return found[0]
