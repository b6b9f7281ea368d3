"""The simplest build system: one call of a compiler driver."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from symver_pin.builds.run import replace_process
from symver_pin.builds.system import KitRequest
from symver_pin.errors import ToolError


class CompilerDriver:
    """``cc`` or ``c++`` with a kit; a ``BuildSystem``."""

    def __init__(self, driver: str) -> None:
        self._driver = driver

    def variables(self, request: KitRequest) -> dict[str, str]:
        """CC and CXX, which make, autoconf and most other build systems read."""
        kit = request.kit()
        drivers = {"CC": kit.driver("cc"), "CXX": kit.driver("c++")}
        return {name: str(path) for name, path in drivers.items() if path.exists()}

    def files(self, request: KitRequest) -> dict[Path, str]:
        """A compiler driver has no configuration files."""
        return {}

    def run(self, words: Sequence[str], request: KitRequest) -> NoReturn:
        """Replace this process by ``KIT/bin/<driver>``.

        Raises ToolError if the kit lacks it (no C++ compiler installed).
        """
        program = request.kit().driver(self._driver)
        if not program.exists():
            raise ToolError(
                f"no {self._driver} compiler beside the kit's C compiler; install it (Debian: apt-get install g++) "
                f"or name another with --cc"
            )
        replace_process([str(program), *words], os.environ)
