"""Build systems that take a kit from environment variables, and the environment of a build by any of them.

The variables and what they are for are rows of the table ``kit/build_variables.tsv``. The compilers are always those of
the kit. A variable of ``USER_DECIDES`` stays as the user has set it, unless an outer ``symver-pin run`` set it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from symver_pin.builds.run import run_command
from symver_pin.builds.system import KitRequest
from symver_pin.kit.build_variables import kit_variables
from symver_pin.machine.architectures import host_arch
from symver_pin.variables import PINNED

USER_DECIDES = frozenset({
    "CMAKE_TOOLCHAIN_FILE", "CGO_ENABLED", "PKG_CONFIG_LIBDIR", "npm_config_build_from_source", "CC_FOR_BUILD",
    "CXX_FOR_BUILD", "HOST_CC", "HOST_CXX",
})  # fmt: skip
"""Variables that keep the user's own value."""


class Environment:
    """A build system that needs nothing but environment variables; a ``BuildSystem``."""

    def __init__(self, system: str) -> None:
        """``system`` is the name of the build system in the table of variables."""
        self._system = system

    def variables(self, request: KitRequest) -> dict[str, str]:
        """The variables of the table."""
        return table_variables(self._system, request)

    def files(self, request: KitRequest) -> dict[Path, str]:
        """No files: those that CMake and Meson read are in the kit."""
        return {}

    def run(self, words: Sequence[str], request: KitRequest) -> int:
        """Run a command with the variables. Its files are not known, so nothing is verified."""
        return run_command(words, {**os.environ, **self.variables(request)})


def table_variables(system: str, request: KitRequest) -> dict[str, str]:
    """The variables of one build system, without those that the user has decided."""
    kit, arch = request.kit(), request.arch or host_arch()
    drivers = frozenset(path.name for path in (kit.path / "bin").iterdir())
    linker = kit.rust_linker(request.static_libgcc, chosen=arch != host_arch())
    rows = kit_variables(str(kit.path), str(kit.glibc), arch, drivers, str(linker))
    decided = USER_DECIDES.intersection(os.environ) if PINNED not in os.environ else frozenset()
    return {row.name: row.value for row in rows if row.system == system and row.name not in decided}


def unpinned(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment for a command that names its own target, inside of a ``symver-pin run`` or not."""
    return {name: value for name, value in environ.items() if name != PINNED}
