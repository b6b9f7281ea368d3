"""Run another program: in place of this process (execve), or as a child."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from symver_pin.errors import ToolError


def replace_process(command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Replace this process by ``command``. Raises ToolError if it cannot be run."""
    sys.stdout.flush()
    program = _path_of(command[0])
    try:
        os.execve(program, list(command), environment)
    except OSError as error:
        raise ToolError(f"cannot run {program}: {error.strerror}") from error


def run_command(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run ``command`` as a child with this process's files and terminal, open files of make's jobserver included.

    Returns its exit status: 128 + N after signal N, as in a shell. Raises ToolError if it cannot be run.
    """
    sys.stdout.flush()
    program = _path_of(command[0])
    try:
        child = subprocess.Popen(list(command), executable=program, env=dict(environment), close_fds=False)
    except OSError as error:
        raise ToolError(f"cannot run {program}: {error.strerror}") from error
    while True:
        try:
            status = child.wait()
        except KeyboardInterrupt:  # the child gets the signal too, and decides
            continue
        return status if status >= 0 else 128 - status


def _path_of(name: str) -> str:
    """The path of a program. Raises ToolError if there is none."""
    found = name if "/" in name else shutil.which(name)
    if found is None:
        raise ToolError(f"no program {name!r} on the PATH; install it first, or give its path")
    return found
