"""Replace this process by another program, the kit's compiler wrapper first of all."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from symver_pin.errors import ToolError
from symver_pin.gen.kit import Kit


def run_compiler(kit: Kit, driver: str, arguments: Sequence[str]) -> NoReturn:
    """Become ``KIT/bin/<driver>``. Raises ToolError when the kit has no such driver (no C++ compiler installed)."""
    program = kit.driver(driver)
    if not program.exists():
        raise ToolError(
            f"no {driver} compiler beside the kit's C compiler; install it (Debian: apt-get install g++) "
            f"or name another with --cc"
        )
    become([str(program), *arguments], os.environ)


def become(command: list[str], environment: Mapping[str, str]) -> NoReturn:
    """Replace this process by a command. Raises ToolError when it cannot be run."""
    sys.stdout.flush()
    try:
        os.execve(command[0], command, environment)
    except OSError as error:
        raise ToolError(f"cannot run {command[0]}: {error.strerror}") from error
