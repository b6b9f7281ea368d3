"""The package as other programs use it: one import, typed."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import symver_pin
from conftest import succeeded
from pinning import IMPORTABLE, run
from symver_pin.verifier import Content, verify

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
        "import symver_pin.verifier; verify = symver_pin.verify",
        "import symver_pin.loader.judge; from symver_pin import verify",
        "from symver_pin.verifier import verify",
        "from symver_pin.verifier import Report; from symver_pin import verify",
    ],
)
def test_the_function_can_be_imported_in_every_order(text: str, program: Path) -> None:
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


def test_bytes_in_memory_are_verified(program: Path) -> None:
    (found,) = symver_pin.verify([Content("download", program.read_bytes())], "2.25").files
    assert (found.path, found.verdict, found.loads_on[0]) == ("download", "ok", (2, 25))


def test_importing_the_package_does_not_import_the_verifier() -> None:
    script = "import sys, symver_pin; print('symver_pin.verifier' in sys.modules)"
    assert succeeded(run([sys.executable, "-c", script], IMPORTABLE)) == "False\n"


def test_the_packages_function_takes_what_the_verifiers_takes() -> None:
    def parameters(function: Callable[..., object]) -> list[tuple[str, object]]:
        return [(each.name, each.default) for each in inspect.signature(function).parameters.values()]

    assert parameters(symver_pin.verify) == parameters(verify)
