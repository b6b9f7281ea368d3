"""A build backend (PEP 517, PEP 660) around another: it builds with the kit and gives the wheel an honest tag.

``pip install .``, ``python -m build`` and cibuildwheel call it as they call any backend; ``pyproject.toml`` names it
and the wrapped one (``builds.wheels.settings``). Every hook of the wrapped backend is there and no other: the wrapped
backend makes sdists, metadata and editable installations, which are passed on unchanged. ``requires`` of the project
names the package of the wrapped backend, as it would without this one.

Where glibc is not the C library (macOS, Windows, Alpine) all hooks are the wrapped backend's own.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from symver_pin.builds.system import default_request
from symver_pin.builds.systems import all_variables
from symver_pin.builds.wheels.finish import finish_wheel
from symver_pin.builds.wheels.settings import BackendSettings, read_settings
from symver_pin.errors import SymverPinError, UsageError
from symver_pin.loader.verdict import printable
from symver_pin.variables import CC

Config = Mapping[str, Any] | None
_PASSED_ON = (
    "build_sdist",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "get_requires_for_build_editable",
    "prepare_metadata_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "build_editable",
)
"""The hooks that are the wrapped backend's. Those that may compile (metadata, editable) find the kit too."""


def build_wheel(wheel_directory: str, config_settings: Config = None, metadata_directory: str | None = None) -> str:
    """Build the wheel with the kit, verify it, and write it with its tag; the name of the file (PEP 517).

    Ends the process with status 1, after the verifier's report, if a file does not load on the target or violates the
    policy; and with one line for every error of symver-pin.
    """
    build = _wrapped().build_wheel
    if not _has_glibc():
        return str(build(wheel_directory, config_settings, metadata_directory))
    settings = _guarded(_settings)
    _guarded(_use_kit)
    with tempfile.TemporaryDirectory(prefix="symver-pin-wheel-") as scratch:
        name = build(scratch, config_settings, metadata_directory)
        cc = os.environ.get(CC)
        request = default_request(settings.glibc)
        wheel = Path(scratch) / name
        done = _guarded(
            lambda: finish_wheel(wheel, Path(wheel_directory), request.target, settings.policy, request.maps, cc)
        )
    for line in done.lines:
        sys.stderr.write(f"{printable(line)}\n")
    if done.path is None:
        raise SystemExit(f"symver-pin: error: {name}: does not keep its promise of {settings.glibc}; see above")
    return str(done.path.name)


def __getattr__(name: str) -> Any:
    """The other hooks: a frontend sees those that the wrapped backend has."""
    if name not in _PASSED_ON:
        raise AttributeError(name)
    hook: Callable[..., Any] = getattr(_wrapped(), name)

    def with_kit(*args: Any, **options: Any) -> Any:
        if _has_glibc() and "sdist" not in name and "requires" not in name:
            _guarded(_use_kit)
        return hook(*args, **options)

    return with_kit


@cache
def _settings() -> BackendSettings:
    """The settings of the project in the working directory, where frontends call hooks."""
    return read_settings(Path.cwd())


@cache
def _wrapped() -> Any:
    """The wrapped backend: a module, or an object in one."""
    return _guarded(_import_wrapped)


def _import_wrapped() -> Any:
    settings = _settings()
    sys.path[:0] = [str(Path(folder).absolute()) for folder in settings.backend_path]
    module, _, path = settings.backend.partition(":")
    if module == __name__:
        raise UsageError(f"[tool.symver-pin]: backend = {settings.backend!r} wraps itself; name the one that builds")
    try:
        found = importlib.import_module(module)
        for part in filter(None, path.split(".")):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise UsageError(
            f"[tool.symver-pin]: backend = {settings.backend!r} cannot be imported: {error}; name its package in "
            "requires of [build-system]"
        ) from error
    return found


def _use_kit() -> None:
    """Let this process, which makes one hook, and what it starts find the compilers of the kit."""
    os.environ.update(all_variables(default_request(_settings().glibc)))


def _has_glibc() -> bool:
    try:
        return sys.platform == "linux" and bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (OSError, ValueError):
        return False


def _guarded(call: Callable[[], Any]) -> Any:
    """The result of a call; an error of symver-pin ends the process with its one line, not with a traceback."""
    try:
        return call()
    except SymverPinError as error:
        raise SystemExit(f"symver-pin: error: {error}") from error
