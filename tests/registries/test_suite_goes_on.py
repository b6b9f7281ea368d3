"""The suite itself where library sets cannot be had: the tests that need them are not run, the others are, and the
closing line says so. With too few sets, one test fails and says which are required."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import cache
import debian_archive
import library_sets
from conftest import REPO, Completed
from pinning import run

from .loopback import Registry, serving, write_sources

TESTS = "tests/maps/test_real_libraries.py"


def run_suite(tmp_path: Path, *words: str) -> Completed:
    """A run of the table tests with an own cache, from registries that have no file of any package."""
    registry = Registry(refused="[.]deb$|^/npm")
    with serving(registry) as address:
        env = {
            "REFUSING_MIRROR": str(write_sources(tmp_path / "etc-apt", address, debian_archive.host_suites())),
            "SYMVER_PIN_RUNTIMES": str(tmp_path / "cache"),
            "NPM_CONFIG_REGISTRY": f"{address}/npm/",
            "NPM_CONFIG_CACHE": str(tmp_path / "npm"),
            "NPM_CONFIG_FETCH_RETRIES": "0",
            "PYTHONPATH": str(REPO / "tests"),
        }
        plugins = ("-p", "no:cacheprovider", "-p", "registries.refusing_mirror")
        return run([sys.executable, "-m", "pytest", "-q", *plugins, TESTS, *words], env, cwd=REPO, timeout=600)


def test_one_missing_set_is_not_run_and_counted(tmp_path: Path) -> None:
    sets = tmp_path / "cache" / library_sets.FOLDER
    missing = "bullseye/armhf"
    had = 0
    for each in library_sets.SETS:
        real = cache.cache_dir() / library_sets.FOLDER / str(each)
        if str(each) != missing and real.is_dir():
            (sets / each.suite).mkdir(parents=True, exist_ok=True)
            (sets / str(each)).symlink_to(real)
            had += not library_sets.origin(each).reason
    done = run_suite(tmp_path, "-k", "bullseye/armhf or enough")
    assert done.returncode == 0, done.stdout
    total = len(library_sets.SETS)
    closing = rf"^{had} of {total} library sets compared; (.*; )?{missing}: Debian bullseye: libc6_\S+: 404 Not Found"
    assert re.search(closing, done.stdout, re.MULTILINE), done.stdout
    assert len(re.findall(rf"^SKIPPED .*: not run, {missing} is not available: .*404", done.stdout, re.MULTILINE)) == 4


def test_without_any_set_the_recorded_libraries_are_compared_and_the_floor_says_what_is_required(
    tmp_path: Path,
) -> None:
    done = run_suite(tmp_path)
    assert done.returncode == 1
    failed = re.findall(r"^FAILED \S+::(\w+) - (.*)$", done.stdout, re.MULTILINE)
    assert [name for name, _ in failed] == ["test_enough_sets_are_compared"], done.stdout
    assert "required library sets are not available: sysroot-2.17/amd64 (npm could not fetch" in done.stdout
    total = len(library_sets.SETS)
    assert re.search(
        rf"^0 of {total} library sets compared; bookworm/amd64: Debian bookworm: \S+: 404", done.stdout, re.MULTILINE
    ), done.stdout
    counts = re.search(r"1 failed, (\d+) passed, (\d+) skipped", done.stdout)
    assert counts is not None and int(counts[1]) > 350 and int(counts[2]) == 4 * total
