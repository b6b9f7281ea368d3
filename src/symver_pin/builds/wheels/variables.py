"""The environment variables by which the build backends of Python find the compilers of a kit."""

from __future__ import annotations

import shutil

from symver_pin.builds.cargo.system import Cargo
from symver_pin.builds.cc import CompilerDriver
from symver_pin.builds.system import KitRequest

FALLBACK_TARGET = "manylinux2014"
"""The target of wheels when nothing names one."""


def wheel_variables(request: KitRequest) -> dict[str, str]:
    """CC, CXX and FC, which setuptools, CMake (scikit-build-core) and Meson (meson-python) read; and, if cargo is
    installed, cargo's variables, for maturin and setuptools-rust.

    Raises what ``KitRequest.kit`` raises.
    """
    variables = CompilerDriver("cc").variables(request)
    return {**variables, **(Cargo().variables(request) if shutil.which("cargo") else {})}
