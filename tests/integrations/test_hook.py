"""The pre-commit hook in pre-commit itself, in a repository with a file that is too new."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from conftest import REPO, need_tool, succeeded
from pinning import Kits, run
from served import PACKAGES, served
from unavailable import NotServed

CONFIG = """\
repos:
  - repo: {repo}
    rev: {rev}
    hooks:
      - id: symver-pin-verify
        args: [--glibc, "2.17"]
"""
SOURCE = '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n'


def test_the_hook_takes_programs_libraries_and_packages_and_no_texts() -> None:
    (hook,) = yaml.safe_load((REPO / ".pre-commit-hooks.yaml").read_text())
    takes = re.compile(hook["files"])
    for path in ("lib/libx.so", "libx.so.1.2", "libx.a", "dist/x-1-py3-none-any.whl", "a/tool", "x.tar.gz", "x.node"):
        assert takes.search(path), path
    for path in ("picture.png", "manual.pdf", "x.pyc"):
        assert not takes.search(path), path


@pytest.mark.skipif(os.environ.get("SYMVER_PIN_INSTALL") != "all", reason="long: make test-install")
def test_pre_commit_refuses_a_file_that_is_too_new(tmp_path: Path, kits: Kits) -> None:
    venv = tmp_path / "venv"
    succeeded(run([sys.executable, "-m", "venv", venv]))

    def install() -> None:
        done = run([venv / "bin/pip", "install", "--quiet", "pre-commit"])
        if done.returncode:
            raise NotServed(done.stderr.strip().splitlines()[-1])

    served(PACKAGES, "pre-commit", install)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"]
    hooks = tmp_path / "hooks"
    files = subprocess.run(["git", "ls-files", "-z"], cwd=REPO, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        if not name.startswith(("tests/", "docs/")) and (REPO / name).exists():
            (hooks / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPO / name, hooks / name, follow_symlinks=False)
    project = tmp_path / "project"
    project.mkdir()
    for folder in (hooks, project):
        succeeded(run([*git, "init", "--quiet", "."], cwd=folder))
    succeeded(run([*git, "add", "."], cwd=hooks))
    succeeded(run([*git, "commit", "--quiet", "-m", "all"], cwd=hooks))
    rev = succeeded(run([*git, "rev-parse", "HEAD"], cwd=hooks)).strip()
    (project / ".pre-commit-config.yaml").write_text(CONFIG.format(repo=hooks, rev=rev))
    (project / "app.c").write_text(SOURCE)
    (project / "vendor").mkdir()
    hook: list[str | Path] = [venv / "bin/pre-commit", "run", "--all-files"]
    settings = {"PRE_COMMIT_HOME": str(tmp_path / "home"), "GIT_CONFIG_COUNT": "0"}

    succeeded(run([need_tool("gcc"), "app.c", "-o", "vendor/app"], cwd=project))
    succeeded(run([*git, "add", "."], cwd=project))
    done = run(hook, settings, cwd=project)
    assert done.returncode == 1 and "vendor/app: FAILS on glibc 2.17" in done.stdout, done.stdout + done.stderr

    succeeded(run([kits() / "bin/cc", "app.c", "-o", "vendor/app"], cwd=project))
    succeeded(run([*git, "add", "."], cwd=project))
    assert "Passed" in succeeded(run(hook, settings, cwd=project))
