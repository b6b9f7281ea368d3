"""The table of compat objects is read strictly and answers which members a target needs."""

import pytest

from symver_pin.compat.table import CompatSymbol, load, needed, parse
from symver_pin.errors import CompatError
from symver_pin.glibc.release import Release
from symver_pin.machine.architectures import ARCHES

X86_64 = ARCHES["x86_64"]


def test_a_row_has_a_symbol_a_file_a_release_a_kind_and_limits() -> None:
    rows = parse(
        "# comment\n\ngettid\tprocess.c\t2.30\tsyscall\t-\natexit\tnonshared.c\talways\tnonshared\tsome\n", "t"
    )
    assert rows == (
        CompatSymbol("gettid", "process.c", "gettid", Release(2, 30), "syscall", ""),
        CompatSymbol("atexit", "nonshared.c", "atexit", None, "nonshared", "some"),
    )


def test_a_row_may_name_the_function_whose_second_name_the_symbol_is() -> None:
    (row,) = parse("sinf32x\tfloat64.c:sinf64\t2.27\talias\t-\n", "t")
    assert (row.symbol, row.file, row.function) == ("sinf32x", "float64.c", "sinf64")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("gettid\tprocess.c\t2.30\tsyscall", "t:1: 4 columns, expected 5 or 6"),
        ("gettid\tprocess.c\t2.x\tsyscall\t-", r"t:1: '2\.x' is neither a release \(2\.30\) nor"),
        ("gettid\tprocess.c\t2.30\tguess\t-", "t:1: unknown kind 'guess'; known are"),
        ("a\ta.c\t2.1\treal\t-\na\ta.c\t2.1\treal\t-", "t:2: a has two rows for one architecture"),
        ("a\ta.c\t2.1\treal\t-\tx87\na\ta.c\t2.1\treal\t-\ti386", "t:2: a has two rows for one architecture"),
        ("a\ta.c\t2.1\treal\t-\tpdp11", "t:1: 'pdp11' is neither an architecture nor a format of long double"),
    ],
)
def test_a_malformed_row_is_named_by_line(line: str, message: str) -> None:
    with pytest.raises(CompatError, match=message):
        parse(line, "t")


def test_a_member_is_needed_below_its_release_and_always_without_one() -> None:
    at = {minor: {row.symbol for row in needed(Release(2, minor), X86_64)} for minor in (29, 30, 99)}
    assert at[29] - at[30] >= {"gettid", "sem_clockwait"}
    assert "gettid" not in at[30]
    assert "atexit" in at[99]


def test_a_row_may_hold_on_some_architectures_by_name_or_by_their_long_double() -> None:
    alias, real = parse("a\ta.c\t2.27\talias\t-\tbinary128\na\tb.c\t2.26\treal\t-\tx86_64,arm\n", "t")
    assert [alias.exists_on(ARCHES[name]) for name in ("aarch64", "s390x", "x86_64", "arm")] == [
        True,
        True,
        False,
        False,
    ]
    assert [real.exists_on(ARCHES[name]) for name in ("aarch64", "s390x", "x86_64", "arm")] == [
        False,
        False,
        True,
        True,
    ]


def test_the_shipped_table_has_a_word_on_limits_only_where_there_are_any() -> None:
    assert all(row.limits == row.limits.strip() and row.limits != "-" for row in load())
