"""Packages that only some commands need, which the extras ``wheel`` and ``fleet`` install."""

from __future__ import annotations

from importlib.util import find_spec

from symver_pin.errors import UsageError

FLEET = ("dask", "distributed", "fsspec", "aiohttp", "pyarrow")
"""The packages of the extra ``fleet`` that a survey imports."""


def need_packages(purpose: str, *names: str) -> None:
    """Raise UsageError, with what to install, when a package is missing that a command needs for ``purpose``."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        many = len(missing) > 1
        raise UsageError(
            f"{purpose} needs the Python package{'s' if many else ''} {', '.join(missing)}, which "
            f"{'are' if many else 'is'} not installed: pip install {' '.join(missing)}"
        )
