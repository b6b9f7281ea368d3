"""Replace this process by another program (execve)."""

import os
import sys
from collections.abc import Mapping
from typing import NoReturn

from symver_pin.errors import ToolError


def replace_process(command: list[str], environment: Mapping[str, str]) -> NoReturn:
    """Replace this process by ``command``, whose first word is a path. Raises ToolError if it cannot be run."""
    sys.stdout.flush()
    try:
        os.execve(command[0], command, environment)
    except OSError as error:
        raise ToolError(f"cannot run {command[0]}: {error.strerror}") from error
