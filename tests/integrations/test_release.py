"""A release: tag, version, changelog and address must agree, and the workflow does what its text says."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import REPO, succeeded
from pinning import run
from symver_pin import __version__

sys.path[:0] = [str(REPO / "tools")]

import release  # noqa: E402  (tools/ is no package)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose changelog has a section of the version."""
    (tmp_path / "src/symver_pin").mkdir(parents=True)
    for name in ("src/symver_pin/__init__.py", "pyproject.toml"):
        shutil.copy(REPO / name, tmp_path / name)
    headings = ("Unreleased", f"{__version__} - 2026-12-01", "0.0.1 - 2026-01-01")
    text = "".join(f"## {heading}\n\n### Added\n\n- of {heading[:5]}\n\n" for heading in headings)
    (tmp_path / "CHANGELOG.md").write_text(text)
    return tmp_path


def test_a_tag_with_version_changelog_and_address_is_right(checkout: Path) -> None:
    address = release.address(REPO)
    assert not list(release.faults(checkout, f"v{__version__}", f"{address}/"))
    assert release.notes(checkout, __version__) == f"### Added\n\n- of {__version__}"


@pytest.mark.parametrize(
    ("tag", "repository", "said"),
    [
        ("0.1.0", None, "a tag of a release is v and the version"),
        ("v9.9.9", None, f"has version {__version__}"),
        ("v9.9.9", None, "CHANGELOG.md has no section '## 9.9.9 - YYYY-MM-DD'"),
        (f"v{__version__}", "https://example.org/fork", "and this is https://example.org/fork"),
    ],
)
def test_what_is_wrong_is_one_line(tag: str, repository: str | None, said: str, checkout: Path) -> None:
    words = ["check", tag, "--root", str(checkout), *(["--repository", repository] if repository else [])]
    done = run([sys.executable, REPO / "tools/release.py", *words])
    assert done.returncode == 1 and any(said in line for line in done.stderr.splitlines())


def test_the_workflow_checks_builds_attests_and_publishes_only_when_asked() -> None:
    text = (REPO / ".github/workflows/release.yml").read_text()
    workflow: dict[str, Any] = yaml.safe_load(text)
    steps = [step.get("run") or step["uses"].partition("@")[0] for step in workflow["jobs"]["build"]["steps"]]
    order = [
        "tools/release.py check",
        "-m build",
        "twine check --strict",
        "attest-build-provenance",
        "gh release create",
    ]
    places = [next(number for number, step in enumerate(steps) if words in step) for words in order]
    assert places == sorted(places)
    assert workflow["jobs"]["publish"]["if"] == "vars.PUBLISH == 'true'"
    for script in re.findall(r"python (tools/\S+)", text):
        assert (REPO / script).is_file()


def test_two_builds_of_one_commit_are_equal_byte_for_byte(tmp_path: Path) -> None:
    for name in ("one", "two"):
        words: list[str | Path] = ["-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", tmp_path / name, REPO]
        succeeded(run([sys.executable, *words], {"SOURCE_DATE_EPOCH": "1700000000"}))
    (first,), (second,) = (list((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()
