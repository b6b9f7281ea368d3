"""The fast reading of a command line gives what argparse gives, and leaves to it what it does not understand."""

from __future__ import annotations

import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symver_pin.commands.arguments import Parser
from symver_pin.errors import UsageError

WORDS = st.lists(
    st.sampled_from([
        "a", "b.so", "--glibc", "2.17", "--glibc=2.19", "--jobs", "2", "--jobs=x", "--format", "json", "--format=xml",
        "--name", "--name=", "-q", "--quiet", "--quiet=1", "-o", "out", "--", "-", "--gl", "-1", "",
    ]),
    max_size=7,
)  # fmt: skip


def parser(operands: str | None) -> Parser:
    made = Parser("symver-pin test", "A command.", "example")
    if operands is not None:
        made.add_argument("files", metavar="FILE", nargs=operands)
    else:
        made.add_argument("action", choices=("a", "b"))
    made.add_argument("--glibc", default="2.19")
    made.add_argument("--jobs", type=int, default=0)
    made.add_argument("--format", choices=("text", "json"), default="text")
    made.add_argument("--name", action="append", default=[])
    made.add_argument("-q", "--quiet", action="store_true")
    made.add_argument("-o", "--output", metavar="FILE")
    return made


@given(words=WORDS, operands=st.sampled_from(["+", None]))
def test_a_line_means_what_argparse_says(words: list[str], operands: str | None) -> None:
    def values(parse: object) -> dict[str, object] | str:
        try:
            return dict(vars(parse(words)))  # type: ignore[operator]
        except UsageError as error:
            return str(error)

    assert values(parser(operands).parse_args) == values(parser(operands).argparse().parse_args)


def test_a_plain_line_is_read_without_argparse(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise AssertionError("argparse was asked")

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", refuse)
    options = parser("+").parse_args(["--glibc", "2.17", "a", "b", "--jobs=3", "-q", "--name", "x", "--name=y"])
    assert (options.glibc, options.files, options.jobs, options.quiet) == ("2.17", ["a", "b"], 3, True)
    assert (options.name, options.format, options.output) == (["x", "y"], "text", None)
