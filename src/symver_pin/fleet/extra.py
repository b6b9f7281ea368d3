"""The optional packages that a survey needs."""

from __future__ import annotations

from importlib.util import find_spec

from symver_pin.errors import UsageError

_PACKAGES = ("dask", "distributed", "fsspec", "aiohttp", "pyarrow")


def require_packages(names: tuple[str, ...] = _PACKAGES) -> None:
    """Raise UsageError, with what to install, when an optional package is missing."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise UsageError(f"survey needs more Python packages: pip install {' '.join(missing)}")
