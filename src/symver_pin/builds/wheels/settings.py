"""The table ``[tool.symver-pin]`` of a ``pyproject.toml``, which configures ``symver_pin.build_backend``.

::

    [build-system]
    requires = ["symver-pin", "setuptools"]
    build-backend = "symver_pin.build_backend"

    [tool.symver-pin]
    backend = "setuptools.build_meta"   # the backend that builds; `requires` must name its package
    backend-path = ["."]                # only for a backend that is in the project itself
    glibc = "manylinux2014"             # the target; default $SYMVER_PIN_GLIBC or manylinux2014
    policy = "manylinux2014"            # the tag to reach; default auto, the oldest that all files obey
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

from symver_pin.builds.wheels.tag import AUTO
from symver_pin.errors import UsageError
from symver_pin.toml_file import read_toml
from symver_pin.variables import GLIBC

FALLBACK_TARGET = "manylinux2014"
"""The target of wheels when nothing names one."""

_TABLE = "[tool.symver-pin]"
_KEYS = ("backend", "backend-path", "glibc", "policy")


class BackendSettings(NamedTuple):
    """The values of the table, with the defaults filled in."""

    backend: str
    """The wrapped backend, as ``build-backend`` takes it: ``setuptools.build_meta``, ``module:object``."""
    backend_path: tuple[str, ...]
    """Folders in the project from which it is imported before all others."""
    glibc: str
    """The target, as ``--glibc`` takes it."""
    policy: str
    """A manylinux policy, or ``auto``."""


def read_settings(project: Path) -> BackendSettings:
    """The settings in the ``pyproject.toml`` of a folder. Raises UsageError when the table is missing or faulty."""
    path = project / "pyproject.toml"
    document = read_toml(path)
    table = document.get("tool", {}).get("symver-pin", {})
    unknown = sorted(table.keys() - set(_KEYS)) if isinstance(table, dict) else ["it"]
    if unknown:
        raise UsageError(f"{path}: {_TABLE}: unknown key {unknown[0]!r}; known: {', '.join(_KEYS)}")
    backend = _text(table, "backend", path)
    if not backend:
        raise UsageError(f'{path}: {_TABLE}: name the backend that builds: backend = "setuptools.build_meta"')
    folders = table.get("backend-path", [])
    if not isinstance(folders, list) or not all(isinstance(folder, str) for folder in folders):
        raise UsageError(f"{path}: {_TABLE}: backend-path must be a list of strings")
    glibc = _text(table, "glibc", path) or os.environ.get(GLIBC) or FALLBACK_TARGET
    return BackendSettings(backend, tuple(folders), glibc, _text(table, "policy", path) or AUTO)


def _text(table: dict[str, Any], key: str, path: Path) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise UsageError(f"{path}: {_TABLE}: {key} must be a string")
    return value
