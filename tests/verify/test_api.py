"""The package as other programs use it: one import, typed, and nothing loaded that was not asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import symver_pin
from conftest import succeeded
from pinning import IMPORTABLE, run
from symver_pin.verify import Content

from .programs import compile_program

DOCS = Path(__file__).resolve().parents[2] / "docs" / "verify.md"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = "extern int getrandom(); int program(void) { return never && getrandom(0, 0, 0); }"
    return compile_program(tmp_path_factory.mktemp("api"), "app", source)


@pytest.mark.parametrize(
    "text",
    [
        "from symver_pin import verify",
        "import symver_pin; verify = symver_pin.verify",
        "import symver_pin.verify.check; from symver_pin import verify",
        "from symver_pin.verify import verify",
        "from symver_pin.verify import Report; from symver_pin import verify",
    ],
)
def test_the_function_is_found_whatever_was_imported_before(text: str, program: Path) -> None:
    script = f"{text}\nimport sys\nprint(verify([sys.argv[1]], '2.19').files[0].lowest_glibc)\n"
    assert succeeded(run([sys.executable, "-c", script, program], IMPORTABLE)) == "2.25\n"


def test_the_example_of_the_docs_works_and_is_typed(program: Path, tmp_path: Path) -> None:
    text = DOCS.read_text().partition("```python\n")[2].partition("```")[0]
    (tmp_path / "example.py").write_text(text)
    (tmp_path / "app").write_bytes(program.read_bytes())
    (tmp_path / "app").chmod(0o755)
    (tmp_path / "dist").mkdir()
    printed = succeeded(run([sys.executable, "example.py"], IMPORTABLE, cwd=tmp_path))
    assert "fails 2.25 ['missing-version']" in printed
    cache = f"--cache-dir={tmp_path / 'cache'}"
    env = {"MYPYPATH": IMPORTABLE["PYTHONPATH"]}
    succeeded(run([sys.executable, "-m", "mypy", "--strict", cache, "example.py"], env, cwd=tmp_path))
    assert Path(symver_pin.__file__).with_name("py.typed").exists()


def test_bytes_at_hand_are_judged(program: Path) -> None:
    (found,) = symver_pin.verify([Content("download", program.read_bytes())], "2.25").files
    assert (found.path, found.verdict, found.loads_on[0]) == ("download", "ok", (2, 25))


@pytest.mark.parametrize("in_folder", [False, True], ids=["file", "folder"])
def test_one_small_file_loads_only_what_it_needs(program: Path, tmp_path: Path, in_folder: bool) -> None:
    if in_folder:
        shutil.copy(program, tmp_path)
    script = (
        "import sys\nbefore = set(sys.modules)\nfrom symver_pin.cli import main\n"
        "main(['verify', '--glibc', '2.36', sys.argv[1]])\nprint(*(set(sys.modules) - before), file=sys.stderr)\n"
    )
    given = tmp_path if in_folder else program
    done = subprocess.run(
        [sys.executable, "-S", "-c", script, given],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **IMPORTABLE},
    )
    loaded = set(done.stderr.split())
    dear = {
        "argparse",
        "json",
        "pathlib",
        "re",
        "typing",
        "jinja2",
        "zipfile",
        "tarfile",
        "lzma",
        "importlib.util",
        "symver_pin.archives.reader",
        "symver_pin.verify.inputs",
        "symver_pin.verify.policy",
        "symver_pin.verify.static",
        "symver_pin.report.json",
        "symver_pin.report.kinds",
        "symver_pin.report.terminal",
    }
    assert "symver_pin.verify.check" in loaded and not loaded & dear
