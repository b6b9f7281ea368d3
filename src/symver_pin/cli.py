"""The command line: parse, call one function, print what it returns.

Exit status: 0 fine, 1 the verdict is negative, 2 usage or bad input. Each command's parser and imports are made only
when that command is asked for, so that ``symver-pin kit`` in a build's inner loop costs little more than the
interpreter.
"""

from __future__ import annotations

import gc
import os
import sys

from symver_pin import commands
from symver_pin.errors import SymverPinError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

_USAGE = """usage: symver-pin COMMAND [OPTIONS]

Build on a new Linux with your own compiler and linker, run on an old glibc.

commands:
{commands}

options:
  --version   print the version
  --help      this text; after a command, the command's own

example: a C program for glibc 2.19, and the proof
  symver-pin cc --glibc 2.19 -O2 -o app app.c
  symver-pin verify --glibc 2.19 app
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    # Tables and what is read of files have hardly a cycle: collecting is 8 % of a short command, 12 % of a long scan,
    # and frees nothing (peak memory over 1,600 files is the same without).
    gc.set_threshold(1_000_000)
    try:
        status = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except SymverPinError as error:
        return _fail(str(error))
    except BrokenPipeError:
        # The reader (head, less) has gone: nothing is wrong. Keep the interpreter from flushing once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _fail(f"{error.filename or 'standard output'}: {error.strerror}")
    except KeyboardInterrupt:
        return 130
    return status


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        listing = "\n".join(f"  {name:<13} {command.summary}" for name, command in commands.COMMANDS.items())
        (sys.stdout if arguments else sys.stderr).write(_USAGE.format(commands=listing))
        return 0 if arguments else 2
    if arguments[0] == "--version":
        from symver_pin import __version__

        sys.stdout.write(f"symver-pin {__version__}\n")
        return 0
    command = commands.COMMANDS.get(arguments[0])
    if command is None:
        return _fail(f"unknown command {arguments[0]!r}; known: {', '.join(commands.COMMANDS)}")
    return command.run(arguments[1:])


def console(argv: Sequence[str] | None = None) -> NoReturn:
    """``symver-pin``, as a process.

    It ends without taking the interpreter apart: that is 2 of the 16 ms in which one file is verified, and 15 ms after
    500 files. All has been written and closed by then.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:  # closed, by a daemon or with >&-: the exit status still tells
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), "w" if number else "r"))
    status = main(argv)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            continue  # said already
    os._exit(status)


def cargo_console() -> NoReturn:
    """``cargo-symver-pin``: cargo runs it for ``cargo symver-pin ...`` with its own name as the first word."""
    words = sys.argv[1:]
    console(["cargo", *(words[1:] if words[:1] == ["symver-pin"] else words)])


def _fail(text: str) -> int:
    # one line, also where a file's name has a newline or an escape sequence in it
    line = "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
    sys.stderr.write(f"symver-pin: error: {line}\n")
    return 2
