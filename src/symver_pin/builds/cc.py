"""The simplest build system: one call of a compiler driver."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from symver_pin.builds.environment import table_variables, unpinned
from symver_pin.builds.run import replace_process
from symver_pin.builds.system import KitRequest
from symver_pin.errors import ToolError
from symver_pin.kit.model import Kit
from symver_pin.variables import CLAIM_VERSION


class CompilerDriver:
    """``cc`` or ``c++`` with a kit; a ``BuildSystem``."""

    def __init__(
        self, driver: str, claim_version: bool = False, before: Callable[[Kit, Path], None] = lambda kit, program: None
    ) -> None:
        """``claim_version`` adds the ``<features.h>`` that sets ``__GLIBC_MINOR__`` to the target's release.

        ``before`` is called with the kit and the wrapper before this process is replaced.
        """
        self._driver = driver
        self._before = before
        self._added = {CLAIM_VERSION: "1"} if claim_version else {}

    def variables(self, request: KitRequest) -> dict[str, str]:
        """CC, CXX and FC, which make, autoconf and most other build systems read."""
        return table_variables("cc", request)

    def files(self, request: KitRequest) -> dict[Path, str]:
        """A compiler driver has no configuration files."""
        return {}

    def run(self, words: Sequence[str], request: KitRequest) -> NoReturn:
        """Replace this process by ``KIT/bin/<driver>``.

        Raises ToolError if the kit lacks it (no C++ compiler installed).
        """
        kit = request.kit()
        program = kit.driver(self._driver)
        if not program.exists():
            raise ToolError(
                f"no {self._driver} compiler beside the kit's C compiler; install it (Debian: apt-get install g++) "
                f"or name another with --cc"
            )
        self._before(kit, program)
        replace_process([str(program), *words], {**unpinned(os.environ), **self._added})
