"""Run a tool with a kit: replace this process by the kit's compiler wrapper, or by cargo with the kit's environment."""

import os
import shutil
import sys
from collections.abc import Sequence
from typing import NoReturn

from symver_pin.errors import ToolError
from symver_pin.gen.kit import Kit
from symver_pin.toolchain.flags import cargo_environment


def run_compiler(kit: Kit, driver: str, arguments: Sequence[str]) -> NoReturn:
    """Become ``KIT/bin/<driver>``. Raises ToolError when the kit has no such driver (no C++ compiler installed)."""
    program = kit.driver(driver)
    if not program.exists():
        raise ToolError(f"no {driver} compiler beside the kit's C compiler; install it (Debian: apt-get install g++) "
                        f"or name another with --cc")  # fmt: skip
    _become([str(program), *arguments], dict(os.environ))


def run_cargo(kit: Kit, arguments: Sequence[str]) -> NoReturn:
    """Become ``cargo``. Raises ToolError when cargo is not installed."""
    cargo = shutil.which("cargo")
    if cargo is None:
        raise ToolError("no cargo on the PATH; install Rust first")
    _become([cargo, *arguments], {**os.environ, **cargo_environment(kit)})


def _become(command: list[str], environment: dict[str, str]) -> NoReturn:
    sys.stdout.flush()
    try:
        os.execve(command[0], command, environment)
    except OSError as error:
        raise ToolError(f"cannot run {command[0]}: {error.strerror}") from error
