"""``symver-pin platforms``: the table as people and programs read it."""

from __future__ import annotations

import json

import pytest

from pinning import symver_pin_command
from symver_pin.glibc.maps import default_maps

DAY = {"SOURCE_DATE_EPOCH": "1790000000"}  # 2026-09-21


def run(*words: str) -> str:
    done = symver_pin_command("platforms", *words, env=DAY)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def rows(text: str) -> dict[str, str]:
    return {line.split()[0]: line for line in text.splitlines() if line}


def test_the_columns_stand_under_each_other() -> None:
    lines = run("--all").splitlines()
    title = next(line for line in lines if line.startswith("id "))
    table = [line for line in lines[lines.index(title) + 1 :] if not line.startswith("newest row")]
    assert len(table) == len(default_maps().platforms)
    for name in ("platform", "glibc", "GLIBCXX_", "kernel", "released", "updates end"):
        at = title.index(name)
        assert all(line[at - 1] == " " and line[at] != " " for line in table), name


def test_the_end_of_updates_is_marked_and_short_lives_are_left_out() -> None:
    text = run()
    shown = rows(text)
    assert "2024-06-30 ENDED" in shown["rhel7"] and "ENDED" not in shown["rhel9"]
    assert "fedora30" not in shown and "fedora44" in shown and "ubuntu13.04" not in shown
    assert "left out; --all lists them" in text
    assert {"fedora30", "ubuntu13.04"} <= set(rows(run("--all")))


def test_the_age_of_the_table_is_shown() -> None:
    newest = max(platform.released or "" for platform in default_maps().platforms)
    assert f"newest row: {newest}; later releases" in run()


def test_a_release_runs_on_what_is_as_new() -> None:
    text = run("--glibc", "2.28", "--all")
    assert text.startswith("programs built for glibc 2.28 run on\n")
    assert {"debian10", "rhel8", "ubuntu18.10"} <= set(rows(text))
    assert not {"debian9", "rhel7", "ubuntu18.04"} & set(rows(text))
    assert run("--glibc", "Debian 8").startswith("programs built for debian8 (glibc 2.19) run on\n")


def test_json_has_every_column() -> None:
    document = json.loads(run("--glibc", "rhel10", "--format", "json"))
    assert document["schema"] == 1
    row = {row["id"]: row for row in document["platforms"]}["debian13"]
    assert row == {
        "id": "debian13",
        "name": "Debian 13",
        "family": "Debian",
        "version": "13",
        "glibc": "2.41",
        "gcc": "14.0",
        "nodes": {"GCC": "GCC_14.0.0", "GLIBCXX": "GLIBCXX_3.4.33", "CXXABI": "CXXABI_1.3.15"},
        "kernel": "6.12",
        "released": "2025-08-09",
        "ends": "2030-06-30",
        "rolling": False,
        "ended": False,
        "aliases": ["trixie"],
    }


@pytest.mark.parametrize("words", [["--glibc", "debian99x"], ["--format", "yaml"], ["extra"]])
def test_bad_words_are_a_usage_error(words: list[str]) -> None:
    done = symver_pin_command("platforms", *words)
    assert done.returncode == 2 and done.stderr.startswith("symver-pin: error: ") and "Traceback" not in done.stderr
