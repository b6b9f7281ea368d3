"""The table of compat objects is read strictly and answers which members a target needs."""

import pytest

from symver_pin.compat.table import CompatSymbol, load, needed, parse
from symver_pin.errors import CompatError


def test_a_row_has_a_symbol_a_file_a_release_a_kind_and_limits() -> None:
    rows = parse("# comment\n\ngettid\tprocess.c\t30\tsyscall\t-\natexit\tnonshared.c\talways\tnonshared\tsome\n", "t")
    assert rows == (
        CompatSymbol("gettid", "process.c", 30, "syscall", ""),
        CompatSymbol("atexit", "nonshared.c", None, "nonshared", "some"),
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("gettid\tprocess.c\t30\tsyscall", "t:1: 4 columns where 5 are wanted"),
        ("gettid\tprocess.c\t2.30\tsyscall\t-", "t:1: release '2.30' is no minor"),
        ("gettid\tprocess.c\t30\tguess\t-", "t:1: unknown kind 'guess'; known are"),
        ("a\ta.c\t1\treal\t-\na\ta.c\t1\treal\t-", "t:2: a stands twice"),
    ],
)
def test_a_malformed_row_is_named_by_line(line: str, message: str) -> None:
    with pytest.raises(CompatError, match=message):
        parse(line, "t")


def test_a_member_is_needed_below_its_release_and_always_without_one() -> None:
    assert {row.symbol for row in needed(29)} - {row.symbol for row in needed(30)} >= {"gettid", "sem_clockwait"}
    assert "gettid" not in {row.symbol for row in needed(30)}
    assert "atexit" in {row.symbol for row in needed(99)}


def test_the_shipped_table_has_a_word_on_limits_only_where_there_are_any() -> None:
    assert all(row.limits == row.limits.strip() and row.limits != "-" for row in load())
