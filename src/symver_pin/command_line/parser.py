"""The argument parser of the commands: argparse, with errors as exceptions."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping
from typing import Any, NoReturn

from symver_pin.errors import UsageError
from symver_pin.handover import SHARED
from symver_pin.spelling import did_you_mean

Options = argparse.Namespace

_SHARED = SHARED | {"--help", "-h"}
"""Options that another program, whose words are passed on, may have too."""


class CommandParser(argparse.ArgumentParser):
    """A parser that raises UsageError for a mistake, in one line that names ``--help``."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            **{"allow_abbrev": False, "formatter_class": argparse.RawDescriptionHelpFormatter, **settings},
        )
        self._passes_words = self._refuses_own = False

    def describe(self, summary: str, example: str) -> None:
        """Set the text of ``--help``: a sentence or two, and command lines to copy."""
        self.description, self.epilog = summary, f"example:\n{example}"

    def pass_words(self, refuse_own: bool = False) -> None:
        """Let ``parse_words`` stop at the first word that is none of the declared options, or behind ``--``.

        With ``refuse_own`` it raises UsageError for a declared option among the words of the other program, unless that
        program may have an option of this name.
        """
        self._passes_words, self._refuses_own = True, refuse_own

    def error(self, message: str) -> NoReturn:
        """Raise UsageError; argparse itself would print the usage and exit."""
        _, is_unknown, words = message.partition("unrecognized arguments: ")
        option = next((word.partition("=")[0] for word in words.split() if word.startswith("-")), "")
        hint = did_you_mean(option, self._option_string_actions) if is_unknown and option else ""
        raise UsageError(f"{message}{hint}; see {self.prog} --help")

    def parse_words(self, words: list[str]) -> Options:
        """The values of a command line. After ``pass_words``, ``words`` of the result are those of the other program.

        Raises UsageError for a mistake; prints and raises SystemExit for ``--help``.
        """
        if not self._passes_words:
            options = self.parse_args(words)
            options.command_line = (*self.prog.split(), *words)
            return options
        own, others = self._split(words)
        if self._refuses_own and "--" not in words[: len(own) + 1]:
            self._check_order(own, others)
        options = self.parse_args(own)
        options.words = others
        return options

    def exit_status(self, words: list[str]) -> int:
        """Parse words for what argparse prints itself (``--help``, ``--version``), which ends in SystemExit."""
        self.parse_args(words)
        return 0

    def _split(self, words: list[str]) -> tuple[list[str], list[str]]:
        """The leading options that are declared here, and the rest without a ``--`` in front.

        ``--help`` counts only as the single word: behind an option it is the other program's.
        """
        if words in (["--help"], ["-h"]):
            return words, []
        at = 0
        while at < len(words):
            if words[at] == "--":
                return words[:at], words[at + 1 :]
            name, is_assigned, _value = words[at].partition("=")
            action = self._option_string_actions.get(name)
            if action is None or action.dest == "help":
                break
            at += 1 if is_assigned or action.nargs == 0 else 2
        return words[:at], words[at:]

    def _check_order(self, own: list[str], others: list[str]) -> None:
        """Raise UsageError, with all words in order, for a declared option behind the words of the other program."""
        end = others.index("--") if "--" in others else len(others)
        for at, word in enumerate(others[:end]):
            name, is_assigned, _value = word.partition("=")
            action = self._option_string_actions.get(name)
            if action is None or name in _SHARED:
                continue
            behind = at + (1 if is_assigned or action.nargs == 0 else 2)
            right = [*self.prog.split(), *own, *others[at:behind], *others[:at], *others[behind:]]
            raise UsageError(f"{name} stands behind the words of the other program; write {shlex.join(right)}")

    def complete_paths(self, complete: Mapping[str, object]) -> None:
        """Let completion scripts complete paths for the options with these metavars."""
        for action in self._actions:
            if isinstance(action.metavar, str) and action.metavar in complete:
                action.complete = complete[action.metavar]  # type: ignore[attr-defined]  # read by shtab
