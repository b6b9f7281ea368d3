"""The interface between kits and build systems.

To support a build system, add a module to this package with a class that has the members of ``BuildSystem``. Add also a
template for its configuration file if it has one, a command that calls ``run``, and a test that builds a real project.
``cc`` and ``cargo`` are examples.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from symver_pin.errors import ToolError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.kit.cache import ensure_kit
from symver_pin.kit.command import CompilerCommand, default_cc, find_command
from symver_pin.kit.model import Kit, KitOptions
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import find_arch, host_arch
from symver_pin.variables import ARCH, CC, MAPS, NO_WARN, is_on

MakeKit = Callable[[Target, Arch, CompilerCommand], Kit]
"""Makes a kit from a target, an architecture and the command of a C compiler."""


class KitRequest(NamedTuple):
    """The options of symver-pin for the kits of one build."""

    target: Target
    arch: Arch | None
    """The architecture to build for if the build system's command does not name one; None for its default."""
    cc: str | None
    """The command of the C compiler (``--cc``). None: the one that the build system is configured for, else the default
    compiler of the architecture."""
    static_libgcc: bool
    """True to link the unwinder into each program instead of needing libgcc_s.so.1."""
    maps: Maps
    make: MakeKit

    def kit(self) -> Kit:
        """The kit for the requested architecture, or this machine's, with the requested or the default compiler.

        Raises UsageError, ToolError or CompatError if it cannot be made, OutputError if it cannot be written.
        """
        arch = self.arch or host_arch()
        try:
            command = find_command(self.cc or default_cc(arch))
        except ToolError:
            self.maps.table(arch.name)  # an architecture without a table is the first thing to report
            raise
        return self.make(self.target, arch, command)


def default_request(target: str) -> KitRequest:
    """A request with every option but the target left at its default, as the environment sets it: for callers without
    a command line. Raises UsageError for an unknown target, MapsError for a broken SYMVER_PIN_MAPS.
    """
    maps = Maps(os.environ.get(MAPS) or None)
    options = KitOptions(warn=not is_on(NO_WARN))

    def make(target: Target, arch: Arch, command: CompilerCommand) -> Kit:
        return ensure_kit(target, arch, command, maps, options=options)

    name, cc = os.environ.get(ARCH), os.environ.get(CC)
    return KitRequest(maps.target(target), find_arch(name) if name else None, cc or None, False, maps, make)


class BuildSystem(Protocol):
    """How one build system uses a kit."""

    def variables(self, request: KitRequest) -> dict[str, str]:
        """The environment variables with which the build system's own commands use the kit."""

    def files(self, request: KitRequest) -> dict[Path, str]:
        """Path in a project -> text, of the configuration files that have the same effect; {} if there are none."""

    def run(self, words: Sequence[str], request: KitRequest) -> int:
        """Run a command of the build system with the kit and verify its files (``products.verify_artifacts``).

        Returns the exit status: the command's own, or 1 if a file that it made does not load on the target. A command
        that only replaces this process does not return.
        """
