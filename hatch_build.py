"""Builds the reader in C into the package; where that does not work the package is without it, and slower."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "symver_pin.elf._native"
FOLDER = "src/symver_pin/elf"


class NativeBuildHook(BuildHookInterface):
    """For wheels and editable installs. ``SYMVER_PIN_NATIVE`` in the environment: 0 builds none, 1 insists on it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        wish = os.environ.get("SYMVER_PIN_NATIVE", "")
        if self.target_name != "wheel" or wish == "0":
            return
        self._folder = tempfile.mkdtemp(prefix="symver-pin-build-")
        try:
            module = self._build(self._folder)
        except Exception as error:
            if wish == "1":
                raise
            self.app.display_warning(f"{NAME} could not be built ({error}); symver-pin will read files in Python alone")
            return
        if version == "editable":  # what is imported is the tree
            shutil.copy(module, f"{self.root}/{FOLDER}/{module.name}.new")
            os.replace(f"{self.root}/{FOLDER}/{module.name}.new", f"{self.root}/{FOLDER}/{module.name}")  # noqa: PTH105
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["force_include"][str(module)] = f"symver_pin/elf/{module.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if hasattr(self, "_folder"):
            shutil.rmtree(self._folder, ignore_errors=True)

    def _build(self, folder: str) -> Path:
        from setuptools import Distribution, Extension
        from setuptools.command.build_ext import build_ext

        sources = [str(path) for path in sorted(Path(self.root, FOLDER, "native").glob("*.c"))]
        flags = ["-std=c11", "-D_GNU_SOURCE", "-O2", "-g0", "-fvisibility=hidden", "-Wall", "-Wextra"]
        extension = Extension(NAME, sources, extra_compile_args=flags)
        command = build_ext(Distribution({"ext_modules": [extension]}))
        command.build_lib = command.build_temp = folder
        command.ensure_finalized()
        command.run()
        return Path(command.get_ext_fullpath(NAME))
