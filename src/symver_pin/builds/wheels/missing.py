"""The packages of the extra ``wheel``, which ``symver-pin`` itself does not need."""

from __future__ import annotations

from importlib.util import find_spec

from symver_pin.errors import UsageError


def need_extra(module: str) -> None:
    """Raises UsageError when a package of the extra ``wheel`` (``build``, ``auditwheel``) is not installed."""
    if find_spec(module) is None:
        raise UsageError(f"the Python package {module} is needed and not installed: pip install {module}")
