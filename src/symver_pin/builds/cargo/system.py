"""Cargo as a ``BuildSystem``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from symver_pin.builds.cargo.config_file import default_file, render_config
from symver_pin.builds.cargo.environment import additions_for
from symver_pin.builds.cargo.kits import PinnedTarget, pin_all
from symver_pin.builds.cargo.run import run_cargo
from symver_pin.builds.cargo.settings import Settings, no_settings
from symver_pin.builds.environment import table_variables
from symver_pin.builds.system import KitRequest
from symver_pin.machine.architectures import host_arch


class Cargo:
    """Cargo with a kit for each target; a ``BuildSystem``."""

    def variables(self, request: KitRequest) -> dict[str, str]:
        """The linker of the target, the C and C++ compilers that crates read, and what the user's variables require."""
        arch = request.arch or host_arch()
        settings = Settings(("cargo",), (), os.environ, {}, host_arch().rust_target)
        pins = pin_all([arch.rust_target], settings, request)
        return table_variables("cargo", request) | additions_for(pins, settings).environment

    def files(self, request: KitRequest) -> dict[Path, str]:
        """``.cargo/config.toml``; ``config_file.updated`` merges it into a file of the user's own."""
        return {default_file(): render_config(self._pins(request))}

    def run(self, words: Sequence[str], request: KitRequest) -> int:
        """Run cargo with the command line ``words`` and verify what it makes; see ``run_cargo``."""
        return run_cargo(words, request)

    def _pins(self, request: KitRequest) -> list[PinnedTarget]:
        return pin_all([(request.arch or host_arch()).rust_target], no_settings({}), request)
