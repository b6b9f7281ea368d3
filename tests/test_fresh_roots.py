"""Bare roots: what one run keeps for the day, another run of that day shares, and no run of the next day takes away."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

import fresh_roots


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of today's downloads, in a cache of the test's own."""
    monkeypatch.setenv("SYMVER_PIN_RUNTIMES", str(tmp_path / "runtimes"))
    return tmp_path / "fresh" / datetime.date.today().isoformat()


def test_downloads_of_another_day_are_removed(today: Path) -> None:
    yesterday = today.with_name("2001-01-01")
    (yesterday / "apt").mkdir(parents=True)
    with fresh_roots.day_folder() as day:
        assert day == today and day.is_dir() and not yesterday.exists()


def test_downloads_that_another_run_uses_stay(today: Path) -> None:
    with fresh_roots.day_folder() as first, fresh_roots.day_folder() as second:
        assert first == second
        first.rename(first.with_name("2001-01-01"))
        with fresh_roots.day_folder() as third:
            assert third == today and third.is_dir() and first.with_name("2001-01-01").is_dir()
    with fresh_roots.day_folder():
        assert not first.with_name("2001-01-01").exists()


def test_a_bare_root_is_made_once_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def make(suite: str, _day: Path, final: Path) -> None:
        made.append(suite)
        final.mkdir()

    monkeypatch.setattr(fresh_roots, "_make_bare_root", make)
    for _ in range(2):
        assert fresh_roots.bare_root("sid", tmp_path) == tmp_path / "root-sid"
    assert made == ["sid"]
