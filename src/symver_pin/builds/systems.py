"""All build systems, and the environment with which any of them, and builds inside of builds, use one kit."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from symver_pin.builds.cargo.system import Cargo
from symver_pin.builds.cc import CompilerDriver
from symver_pin.builds.environment import Environment
from symver_pin.builds.products import verify_folders
from symver_pin.builds.run import replace_process, run_command
from symver_pin.builds.system import BuildSystem, KitRequest
from symver_pin.kit.build_variables import kit_variables
from symver_pin.kit.wrappers import DRIVERS
from symver_pin.machine.architectures import host_arch

SYSTEMS: Mapping[str, BuildSystem] = {
    "symver-pin": Environment("symver-pin"),
    "cc": CompilerDriver("cc"),
    "cmake": Environment("cmake"),
    "pkg-config": Environment("pkg-config"),
    "go": Environment("go"),
    "node": Environment("node"),
    "cargo": Cargo(),
}
"""The build systems by their names in the table of variables."""


_OF_THE_USER = "A variable that you have set, with the kit's compiler in the place of the one that it names."


def all_variables(request: KitRequest) -> dict[str, str]:
    """The variables of all build systems.

    The kit is made for the compiler of the request, else for the one that ``CC`` names (in a build for this machine's
    architecture), else for the default one. Raises what ``KitRequest.kit`` raises.
    """
    if request.cc is None and request.arch in (None, host_arch()):
        request = request._replace(cc=os.environ.get("CC") or None)
    request = request._replace(make=cache(request.make))
    variables = {name: value for system in SYSTEMS.values() for name, value in system.variables(request).items()}
    return {**variables, "SYMVER_PIN_GLIBC": request.target.label}


def explained_variables(request: KitRequest) -> list[tuple[str, str, str]]:
    """Name, value and meaning of each of ``all_variables``."""
    arch = request.arch or host_arch()
    drivers = frozenset(DRIVERS)
    meanings = {row.name: row.meaning for row in kit_variables("", "", arch, drivers, "")}
    variables = all_variables(request)
    return [(name, value, meanings.get(name, _OF_THE_USER)) for name, value in variables.items()]


class AnyBuild:
    """A command that may start any of the build systems; a ``BuildSystem``."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        """``folders``: where the command leaves what is verified."""
        self._folders = folders

    def variables(self, request: KitRequest) -> dict[str, str]:
        """The variables of all build systems."""
        return all_variables(request)

    def files(self, request: KitRequest) -> dict[Path, str]:
        """No files."""
        return {}

    def run(self, words: Sequence[str], request: KitRequest) -> int:
        """Run a command with the variables, then verify the programs and libraries in the folders.

        Without folders this process is replaced by the command. Raises ToolError if the command cannot be run,
        UsageError if a folder does not exist afterwards or holds nothing to verify.
        """
        environment = {**os.environ, **self.variables(request)}
        if not self._folders:
            replace_process(words, environment)
        return run_command(words, environment) or verify_folders(request.target, request.maps, self._folders)
