"""Parse cargo's command line as far as it decides the targets of a build and the format of its messages.

``cargo [+TOOLCHAIN] [GLOBAL OPTIONS] SUBCOMMAND [OPTIONS] [-- ARGUMENTS]``. A command line is cut into these parts and
joined again in the same order, with options of symver-pin added between the parts. Source: ``cargo help``, ``cargo help
run``.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_GLOBAL_VALUES = frozenset({"--color", "--config", "-Z", "-C", "--explain"})
"""Options before the subcommand that take the next word as their value."""

_RUN_VALUES = _GLOBAL_VALUES | {
    "--message-format", "--bin", "--example", "-p", "--package", "-F", "--features", "-j", "--jobs", "--profile",
    "--target", "--target-dir", "--manifest-path", "--lockfile-path", "--artifact-dir",
}  # fmt: skip
"""Options of ``cargo run`` that take the next word as their value. That word is not the program's first argument."""

_SHORT_NAMES = {"b": "build", "c": "check", "d": "doc", "r": "run", "t": "test"}
"""Cargo's one-letter subcommands. A user's alias cannot redefine them."""

_WITH_RELEASE = re.compile(r"(?P<triple>[\w.]+(?:-\w+)*-linux-gnu\w*)\.(?P<release>\d+\.\d+)")
"""A target triple followed by a glibc release (``x86_64-unknown-linux-gnu.2.17``), as cargo-zigbuild writes it."""


class RustTarget(NamedTuple):
    """A target triple, and the glibc release behind it on the command line (``TRIPLE.2.17``), or None."""

    triple: str
    release: str | None = None

    @property
    def plain(self) -> str:
        """The triple in the form used in environment variables that crates read (``CC_x86_64_unknown_linux_gnu``)."""
        return re.sub(r"[-.]", "_", self.triple)

    def variable(self, name: str) -> str:
        """The environment variable that sets cargo's configuration value ``target.TRIPLE.name``."""
        return f"CARGO_TARGET_{self.plain.upper()}_{name}"


class CommandLine(NamedTuple):
    """A cargo command line in parts. ``words()`` joins them again."""

    toolchain: tuple[str, ...]
    """``("+nightly",)``, or ``()``."""
    globals: tuple[str, ...]
    """The options before the subcommand, with their values."""
    subcommand: str
    """The full name of the subcommand; empty if there is none (``cargo --version``)."""
    options: tuple[str, ...]
    """The words after the subcommand that cargo itself reads."""
    arguments: tuple[str, ...]
    """The words that cargo passes on to the built program, the test harness or rustc, with the ``--`` before them."""

    def words(self, *options: str) -> list[str]:
        """The words after ``cargo``, with ``options`` added at the end of cargo's own options."""
        name = (self.subcommand,) if self.subcommand else ()
        return [*self.toolchain, *self.globals, *name, *self.options, *options, *self.arguments]

    def values(self, option: str) -> Iterator[str]:
        """Each value of one of cargo's options, before or after the subcommand."""
        words = iter((*self.globals, *self.options))
        for word in words:
            if word == option:
                yield next(words, "")
            elif word.startswith(f"{option}="):
                yield word.partition("=")[2]

    def has(self, *flags: str) -> bool:
        """True if cargo's options contain one of the words ``flags``."""
        return any(word in flags for word in (*self.globals, *self.options))

    def without(self, option: str) -> "CommandLine":
        """A copy without all occurrences of ``option`` and their values."""
        return self._replace(options=tuple(_without(self.options, option)))

    def plain_targets(self) -> "CommandLine":
        """A copy whose ``--target`` values have no glibc release, which cargo would reject."""
        options = list(self.options)
        for at, word in enumerate(options):
            if word.startswith("--target="):
                options[at] = f"--target={parse_target(word.partition('=')[2]).triple}"
            elif at and options[at - 1] == "--target":
                options[at] = parse_target(word).triple
        return self._replace(options=tuple(options))


def parse_command_line(words: Sequence[str]) -> CommandLine:
    """Cut the words after ``cargo`` into parts. Errors in them are not detected: cargo reports them."""
    at = 0
    toolchain = (words[0],) if words and words[0].startswith("+") else ()
    at += len(toolchain)
    start = at
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in _GLOBAL_VALUES else 1
    first_globals = tuple(words[start:at])
    if at >= len(words):
        return CommandLine(toolchain, first_globals, "", (), ())
    subcommand = _SHORT_NAMES.get(words[at], words[at])
    rest = tuple(words[at + 1 :])
    end = _end_of_options(subcommand, rest)
    return CommandLine(toolchain, first_globals, subcommand, rest[:end], rest[end:])


def _end_of_options(subcommand: str, rest: Sequence[str]) -> int:
    """The index where cargo's own options end: at ``--``; for ``run`` also at the program's first argument."""
    at = 0
    while at < len(rest) and rest[at] != "--":
        if subcommand == "run" and not rest[at].startswith("-"):
            break
        at += 2 if subcommand == "run" and rest[at] in _RUN_VALUES else 1
    return min(at, len(rest))


def parse_target(text: str) -> RustTarget:
    """Parse a value of ``--target``: a triple, ``TRIPLE.RELEASE``, or the path of a target specification."""
    found = _WITH_RELEASE.fullmatch(text)
    return RustTarget(found["triple"], found["release"]) if found else RustTarget(text)


def _without(words: Sequence[str], option: str) -> Iterator[str]:
    rest = iter(words)
    for word in rest:
        if word == option:
            next(rest, None)
        elif not word.startswith(f"{option}="):
            yield word
