"""Read the command lines of a page in Markdown, and run them as they stand.

A block of commands is fenced as ``console``. A line that begins with ``$ `` is a command, lines that begin with ``> ``
belong to it (a here-document), other lines are output that the page shows. Comments before a block say what is not
ordinary about it::

    <!-- not run: REASON -->        nothing of the block can run in a test
    <!-- status: N -->              the last command ends with N; without it, every command ends with 0
    <!-- first: COMMANDS -->        what the test does before, so that the block finds the files that it names

In shown output ``...`` stands for any text, on a line of its own for any lines.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from conftest import Completed
from pinning import run

_FENCE = re.compile(r"^(?P<quote> *)```(?P<kind>\S*)[^\n]*\n(?P<body>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_MARKS = re.compile(r"(?:<!-- (?:not run|status|first): (?:(?!-->).)+-->\s*)+\Z", re.DOTALL)
_MARK = re.compile(r"<!-- (not run|status|first): (.+?)\s*-->", re.DOTALL)


class Command(NamedTuple):
    """One command and what the page shows behind it."""

    text: str
    shown: list[str]


class Block(NamedTuple):
    """One block of commands."""

    line: int
    """Its first line in the page, counted from 1."""
    commands: list[Command]
    not_run: str
    """The reason why it is not run, or ""."""
    status: int
    """The status of the last command."""
    first: str
    """Commands that the test runs before."""


def blocks(page: str) -> Iterator[Block]:
    """The blocks of commands of a page's text."""
    for found in _FENCE.finditer(page):
        if found["kind"] != "console":
            continue
        comments = _MARKS.search(page, max(0, found.start() - 800), found.start())
        marks = dict(_MARK.findall(comments[0])) if comments else {}
        yield Block(
            page.count("\n", 0, found.start()) + 1,
            list(_commands(found["body"])),
            marks.get("not run", ""),
            int(marks.get("status", 0)),
            marks.get("first", ""),
        )


def _commands(body: str) -> Iterator[Command]:
    text, shown = "", list[str]()
    for line in body.splitlines():
        if line.startswith("$ "):
            if text:
                yield Command(text, shown)
            text, shown = line[2:], []
        elif line == ">" or line.startswith("> "):
            text += f"\n{line[2:]}"
        else:
            shown.append(line)
    if text:
        yield Command(text, shown)


class Ran(NamedTuple):
    """What a command did."""

    status: int
    output: str


def run_blocks(chosen: list[Block], folder: Path, env: Mapping[str, str]) -> list[list[Ran]]:
    """Run all commands of blocks in one shell, so that variables and the current folder last; what each printed.

    A shell that ends early (``exit``, a syntax error) has fewer results.
    """
    lines, count = ["set -o pipefail"], 0
    results = folder.parent / "results"
    results.mkdir()
    for block in chosen:
        lines.append(f"{{ :\n{block.first}\n}} >{shlex.quote(str(results))}/first 2>&1 </dev/null")
        for command in block.commands:
            place = shlex.quote(str(results / str(count)))
            lines += [f"{{ {command.text}", f"}} >{place}.out 2>&1 </dev/null", f"echo $? >{place}.status"]
            count += 1
    script = folder.parent / "script"
    script.write_text("\n".join(lines) + "\n")
    done: Completed = run(["bash", "--norc", script], env, cwd=folder, timeout=600)
    every = [_result(results / str(number), done) for number in range(count)]
    return [[every.pop(0) for _ in block.commands] for block in chosen]


def _result(place: Path, shell: Completed) -> Ran:
    if not place.with_suffix(".status").exists():
        return Ran(-1, f"not reached: {shell.stdout}{shell.stderr}")
    return Ran(int(place.with_suffix(".status").read_text()), place.with_suffix(".out").read_text(errors="replace"))


def differs(shown: list[str], output: str) -> str:
    """The first shown line that the output does not have at its place; "" if it has all, in their order."""
    real = [" ".join(line.split()) for line in output.rstrip().splitlines()]
    at, anywhere = 0, False
    for line in (" ".join(line.split()) for line in shown):
        if line == "...":
            anywhere = True
            continue
        pattern = re.compile(".*".join(map(re.escape, line.split("..."))))
        candidates = range(at, len(real)) if anywhere else range(at, min(at + 1, len(real)))
        hit = next((number for number in candidates if pattern.fullmatch(real[number])), None)
        if hit is None:
            return line or "(an empty line)"
        at, anywhere = hit + 1, False
    return "" if anywhere or at == len(real) or not shown else f"nothing behind the last line; it goes on: {real[at]}"
