"""Cargo's command line, as far as it decides what is built and where messages go.

``cargo [+TOOLCHAIN] [GLOBAL OPTIONS] SUBCOMMAND [OPTIONS] [-- ARGUMENTS]``. Words are never reordered: a line is cut
into these parts and joined again, with words of ours put in at known places. Source: ``cargo help``, ``cargo help
run``.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

#: Options before the subcommand that take the next word as value.
_GLOBAL_VALUES = frozenset({"--color", "--config", "-Z", "-C", "--explain"})

#: Options of ``cargo run`` that take the next word as value: what follows them is not yet the program's first argument.
_RUN_VALUES = _GLOBAL_VALUES | {
    "--message-format", "--bin", "--example", "-p", "--package", "-F", "--features", "-j", "--jobs", "--profile",
    "--target", "--target-dir", "--manifest-path", "--lockfile-path", "--artifact-dir",
}  # fmt: skip

#: Cargo's own one-letter names; they cannot be redefined.
_SHORT_NAMES = {"b": "build", "c": "check", "d": "doc", "r": "run", "t": "test"}

#: A target triple with a glibc release behind it, as other cargo front ends write it.
_WITH_RELEASE = re.compile(r"(?P<triple>[\w.]+(?:-\w+)*-linux-gnu\w*)\.(?P<release>\d+\.\d+)")


class RustTarget(NamedTuple):
    """A target triple, and the glibc release that was written behind it, if any."""

    triple: str
    release: str | None = None

    @property
    def plain(self) -> str:
        """The triple as it stands in names of environment variables that crates read (``CC_x86_64_unknown_...``)."""
        return re.sub(r"[-.]", "_", self.triple)

    def variable(self, name: str) -> str:
        """The environment variable that is cargo's setting ``target.TRIPLE.name``."""
        return f"CARGO_TARGET_{self.plain.upper()}_{name}"


class CommandLine(NamedTuple):
    """A cargo command, cut into its parts; ``words()`` is the whole again."""

    toolchain: tuple[str, ...]
    """``+nightly``, or nothing."""
    globals: tuple[str, ...]
    """The options before the subcommand."""
    subcommand: str
    """Its full name; empty when there is none (``cargo --version``)."""
    options: tuple[str, ...]
    """What follows the subcommand and is cargo's."""
    arguments: tuple[str, ...]
    """What is the built program's, the test harness's or rustc's, a ``--`` in front included."""

    def words(self, *options: str) -> list[str]:
        """The command line without ``cargo`` itself, with ``options`` at the end of cargo's own."""
        name = (self.subcommand,) if self.subcommand else ()
        return [*self.toolchain, *self.globals, *name, *self.options, *options, *self.arguments]

    def values(self, option: str) -> Iterator[str]:
        """Each value that an option of cargo is given, before or after the subcommand."""
        words = iter((*self.globals, *self.options))
        for word in words:
            if word == option:
                yield next(words, "")
            elif word.startswith(f"{option}="):
                yield word.partition("=")[2]

    def has(self, *flags: str) -> bool:
        """Whether one of these words is among cargo's options."""
        return any(word in flags for word in (*self.globals, *self.options))

    def without(self, option: str) -> "CommandLine":
        """The same without an option and its values."""
        return self._replace(options=tuple(_without(self.options, option)))

    def plain_targets(self) -> "CommandLine":
        """The same with the glibc releases behind ``--target`` triples taken off, as cargo wants them."""
        options = list(self.options)
        for at, word in enumerate(options):
            if word.startswith("--target="):
                options[at] = f"--target={parse_target(word.partition('=')[2]).triple}"
            elif at and options[at - 1] == "--target":
                options[at] = parse_target(word).triple
        return self._replace(options=tuple(options))


def parse_command_line(words: Sequence[str]) -> CommandLine:
    """Cut the words after ``cargo`` into their parts. Nothing is judged: cargo itself says what is wrong with them."""
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
    """The index at which cargo's own options end: at ``--``, or for ``run`` at the program's first argument."""
    at = 0
    while at < len(rest) and rest[at] != "--":
        if subcommand == "run" and not rest[at].startswith("-"):
            break
        at += 2 if subcommand == "run" and rest[at] in _RUN_VALUES else 1
    return min(at, len(rest))


def parse_target(text: str) -> RustTarget:
    """A value of ``--target``: a triple, one with a release behind it, or the path of a target specification."""
    found = _WITH_RELEASE.fullmatch(text)
    return RustTarget(found["triple"], found["release"]) if found else RustTarget(text)


def _without(words: Sequence[str], option: str) -> Iterator[str]:
    rest = iter(words)
    for word in rest:
        if word == option:
            next(rest, None)
        elif not word.startswith(f"{option}="):
            yield word
