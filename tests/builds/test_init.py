"""`symver-pin init`: what it says for each kind of project, and the workflow that it writes."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from conftest import REPO, need_tool, succeeded
from pinning import check_fits, run, symver_pin_command
from symver_pin.builds.projects import KINDS, ProjectKind

from .conftest import IS_WHOLE, Shell, copy_project

WORKFLOW = ".github/workflows/symver-pin.yml"


def steps(workflow: Path) -> list[str]:
    """The commands of a workflow."""
    return re.findall(r"^      - run: (.*)$", workflow.read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_four_lines_say_how_a_project_is_built(kind: ProjectKind, tmp_path: Path) -> None:
    (tmp_path / kind.file).touch()
    lines = succeeded(symver_pin_command("init", "--glibc", "rhel7", tmp_path)).splitlines()
    assert len(lines) == 4 and kind.file in lines[0] and "--ci" in lines[3]
    assert all("--glibc rhel7" in line for line in lines[1:3])


def test_a_folder_with_several_lets_the_user_choose(tmp_path: Path) -> None:
    for name in ("meson.build", "CMakeLists.txt"):
        (tmp_path / name).touch()
    said = succeeded(symver_pin_command("init", tmp_path)).splitlines()
    assert said[0] == "# CMake project (CMakeLists.txt); --system chooses another: meson"
    assert "meson setup" in succeeded(symver_pin_command("init", "--system", "meson", tmp_path))
    done = symver_pin_command("init", "--system", "go", tmp_path)
    assert done.returncode == 2 and "it has: cmake, meson" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "has none of"),
        (("--install-from", "x"), "give --ci too"),
        (("--ci",), "give --install-from"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    if words:
        (tmp_path / "go.mod").touch()
    before = list(tmp_path.iterdir())
    done = symver_pin_command("init", *words, tmp_path)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("origin", "installed"),
    [
        ("third_party/symver-pin", "./third_party/symver-pin"),
        ("../tool", "../tool"),
        ("https://git.example.com/x/symver-pin.git", "git+https://git.example.com/x/symver-pin.git"),
        ("git+ssh://git@example.com/symver-pin", "git+ssh://git@example.com/symver-pin"),
        ("git@example.com:x/symver-pin.git", "git+ssh://git@example.com/x/symver-pin.git"),
        ("a folder/symver-pin", "'./a folder/symver-pin'"),
    ],
)
def test_the_workflow_installs_symver_pin_from_there(origin: str, installed: str, tmp_path: Path) -> None:
    (tmp_path / "go.mod").touch()
    said = succeeded(symver_pin_command("init", "--ci", "--install-from", origin, tmp_path))
    assert said == f"{tmp_path / WORKFLOW}\n"
    assert steps(tmp_path / WORKFLOW)[0] == f"python3 -m pip install {installed}"


def test_a_workflow_of_others_stays(tmp_path: Path) -> None:
    (tmp_path / "Cargo.toml").touch()
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / WORKFLOW).write_text("name: mine\n")
    done = symver_pin_command("init", "--ci", "--install-from", "x", tmp_path)
    assert done.returncode == 2 and "rename it first" in done.stderr
    assert (tmp_path / WORKFLOW).read_text() == "name: mine\n" and not (tmp_path / ".cargo").exists()


@pytest.mark.parametrize("project", ["cmake", "go"] if IS_WHOLE else ["cmake"])
def test_the_steps_of_a_workflow_work_where_symver_pin_is_in_no_index(
    project: str, tmp_path: Path, shell: Shell
) -> None:
    """Each step in a fresh virtual environment, from a git repository; in `make test-world` from a path too."""
    folder = copy_project(project, tmp_path / "project")
    place = tmp_path / "symver-pin"
    listed = succeeded(run([need_tool("git"), "ls-files", "-co", "--exclude-standard"], cwd=REPO))
    for name in listed.splitlines():
        if (REPO / name).is_symlink() or (REPO / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPO / name, place / name, follow_symlinks=False)
    git: list[str | Path] = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-C", place]
    for words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", "x")):
        succeeded(run([*git, *words]))
    origin = f"file://{place}" if project == "cmake" else "../symver-pin"
    succeeded(symver_pin_command("init", "--glibc", "2.17", "--ci", "--install-from", origin, cwd=folder))
    succeeded(run([sys.executable, "-m", "venv", tmp_path / "venv"]))
    for step in steps(folder / WORKFLOW):
        succeeded(shell(f"export PATH={tmp_path}/venv/bin:$PATH\n{step}", folder))
    check_fits(folder / ("build-pinned/hello" if project == "cmake" else "bin/hello"))
