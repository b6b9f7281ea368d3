"""The command line: parse, run one command, turn errors into one line.

Exit status: 0 fine, 1 the verdict is negative, 2 usage or bad input.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from symver_pin import __version__
from symver_pin.command_line.table import COMMANDS, main_parser, run_command
from symver_pin.errors import SymverPinError, UsageError
from symver_pin.spelling import did_you_mean
from symver_pin.variables import check_environment


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    # Tables and parsed files have few reference cycles: collections would be 10 % of a run and free nothing.
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


def _run(words: list[str]) -> int:
    if words[:1] == ["help"]:
        words = [*words[1:2], "--help"]
    if words and words[0] in COMMANDS:
        check_environment()
        return _exit_status_of(lambda: run_command(words[0], words[1:]))
    if words and not words[0].startswith("-"):
        known = did_you_mean(words[0], COMMANDS) or f"; known: {', '.join(COMMANDS)}"
        raise UsageError(f"unknown command {words[0]!r}{known}")
    parser = main_parser(__version__)
    if not words:
        parser.print_help(sys.stderr)
        return 2
    return _exit_status_of(lambda: parser.exit_status(words))


def _exit_status_of(call: Callable[[], int]) -> int:
    """The result of a call; 0 where argparse has printed a help text, a version or a completion script."""
    try:
        return call()
    except SystemExit as ended:
        return int(ended.code or 0)


def cargo_console() -> NoReturn:
    """Run ``cargo-symver-pin``: cargo starts it for ``cargo symver-pin ...`` with its own name as the first word."""
    words = sys.argv[1:]
    console(["cargo", *(words[1:] if words[:1] == ["symver-pin"] else words)])


def console(argv: Sequence[str] | None = None) -> NoReturn:
    """Run ``symver-pin`` as a process."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:  # closed, by a daemon or with >&-: the exit status is still of use
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), "w" if number else "r"))
    status = main(argv)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            continue  # reported already
    # Ends without taking the interpreter apart: everything is written and closed.
    os._exit(status)


def _fail(text: str) -> int:
    # One line, also where a file's name has a newline or an escape sequence in it.
    line = "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
    sys.stderr.write(f"symver-pin: error: {line}\n")
    return 2
