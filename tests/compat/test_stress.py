"""The attacks of `make stress` for a minute, on this machine's libc and on a real 2.17, and what a failure looks like.

CI runs this with all other tests.
"""

from pathlib import Path

import pytest

from . import stress

MINUTE = 60.0


def test_attacks_of_a_minute_find_no_fault(capfd: pytest.CaptureFixture[str]) -> None:
    assert stress.main([str(MINUTE)]) == 0, capfd.readouterr().out
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == 2 * len(stress.ATTACKS) + 1
    assert lines[-1].endswith("loops, 0 failed runs")


SOURCES = {
    "faulty.c": 'int main(void) { puts("x.c:1: one: expected 1 got 2"); puts("3 loops"); return 1; }',
    "crashing.c": 'int main(void) { puts("3 loops"); fflush(stdout); __builtin_trap(); }',
    "idle.c": 'int main(void) { puts("0 loops"); return 0; }',
    "good.c": 'int main(void) { puts("5 loops"); return 0; }',
}


def test_each_kind_of_failure_is_named_and_decides_the_exit_status(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, text in SOURCES.items():
        (tmp_path / name).write_text(f"#include <stdio.h>\n{text}\n")
    attacks = [stress.Attack(name) for name in SOURCES]
    assert stress.main(["1"], attacks, tmp_path) == 1
    out = capfd.readouterr().out
    assert "FAILED: exit status 1: x.c:1: one: expected 1 got 2" in out
    assert "FAILED: no loop was completed" in out
    assert "FAILED: signal " in out
    assert out.splitlines()[-1] == "22 loops, 6 failed runs"
    assert stress.main(["1"], attacks[3:], tmp_path) == 0


def test_no_time_is_refused_in_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        stress.main(["0"])
    assert exit_.value.code == 2
    assert "0 seconds is no time; give a number above 0" in capfd.readouterr().err
