"""Pin an extension module that cffi generates (API mode) to an old glibc.

::

    from cffi import FFI
    from symver_pin.cffi import pin

    ffibuilder = FFI()
    ffibuilder.cdef("double cube(double);")
    ffibuilder.set_source("_cube", "static double cube(double x) { return x * x * x; }")
    pin(ffibuilder, glibc="2.17")

    if __name__ == "__main__":
        ffibuilder.compile(verbose=True)

It works for ``compile`` and for ``cffi_modules`` of a ``setup.py``, because it adds the kit to the keywords from which
both make the extension (``library_dirs``, ``extra_link_args``). The kit's folders stand before those of the module.
"""

from __future__ import annotations

import os
from typing import TypeVar

from symver_pin.builds.flags import driver_flags
from symver_pin.builds.system import default_request
from symver_pin.builds.wheels.settings import FALLBACK_TARGET
from symver_pin.errors import ToolError, UsageError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.variables import GLIBC
from symver_pin.verifier.run import NO_POLICY, verify

F = TypeVar("F")

_SOURCE = "_assigned_source"
"""The attribute of ``FFI`` with the arguments of ``set_source``; cffi's part for setuptools reads it too."""


def pin(ffibuilder: F, glibc: str | None = None) -> F:
    """Pin the module of a ``cffi.FFI`` whose ``set_source`` was called; the same object.

    ``glibc`` is a release (``2.17``) or a platform (``manylinux2014``); default ``$SYMVER_PIN_GLIBC`` or manylinux2014.
    The kit is made for the compiler in ``$SYMVER_PIN_CC``, default ``cc``. ``compile`` verifies what it made and raises
    ToolError if that does not load on the target; a wheel is verified by ``symver-pin wheel`` or ``verify``.

    Raises UsageError for an unknown target, before ``set_source``, and in ABI mode, where nothing is linked; ToolError
    or CompatError if the kit cannot be made.
    """
    source = getattr(ffibuilder, _SOURCE, None)
    if source is None:
        raise UsageError("pin(ffibuilder): call ffibuilder.set_source(...) first, and name the C source in it")
    name, text, extension, keywords = source
    if text is None:
        raise UsageError(f"pin(ffibuilder): {name} is in ABI mode (set_source with None): nothing is linked or pinned")
    request = default_request(glibc or os.environ.get(GLIBC) or FALLBACK_TARGET)
    kit = request.kit()
    flags = driver_flags(kit, kit.linker, "cc" if extension == ".c" else "cxx", claim_version=False)
    folders = [flag[2:] for flag in flags if flag.startswith("-L")]
    options = [flag for flag in flags if not flag.startswith("-L")]
    pinned = {
        **keywords,
        "library_dirs": [*folders, *keywords.get("library_dirs", ())],
        "extra_link_args": [*options, *keywords.get("extra_link_args", ())],
    }
    setattr(ffibuilder, _SOURCE, (name, text, extension, pinned))
    _verify_after_compile(ffibuilder, request.target, request.maps)
    return ffibuilder


def _verify_after_compile(ffibuilder: object, target: Target, maps: Maps) -> None:
    """Let ``ffibuilder.compile`` verify the module that it made."""
    make = ffibuilder.compile  # type: ignore[attr-defined]

    def compile_and_verify(*args: object, **options: object) -> str:
        path = str(make(*args, **options))
        if path.endswith(".so"):
            for file in verify([path], target, policy=NO_POLICY, maps=maps).files:
                reasons = [file.error or "", *(finding.message for finding in file.findings if finding.fails)]
                if file.verdict != "ok":
                    reason = next(filter(None, reasons), "see symver-pin verify")
                    raise ToolError(f"{path}: does not load on glibc {target.glibc}: {reason}")
        return path

    ffibuilder.compile = compile_and_verify  # type: ignore[attr-defined]
