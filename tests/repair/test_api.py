"""The function `repair` as other programs use it: one import, typed, in whatever order modules are imported."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import symver_pin
from conftest import REPO, succeeded
from pinning import IMPORTABLE, run
from symver_pin.repairer.run import repair

from .conftest import Plain
from .test_traps import SIGNAL_STACK


@pytest.mark.parametrize(
    "text",
    [
        "from symver_pin import repair",
        "import symver_pin.repairer.run, symver_pin.commands.repair; repair = symver_pin.repair",
        "import symver_pin.repairer.batch; from symver_pin import repair",
        "from symver_pin.repairer import Outcome; from symver_pin import repair",
    ],
)
def test_the_function_can_be_imported_in_every_order(text: str) -> None:
    script = f"{text}\nprint(repair(['/bin/true'], '2.17', dry_run=True).target.glibc)\n"
    assert succeeded(run([sys.executable, "-c", script], IMPORTABLE)) == "2.17\n"


def test_importing_the_package_does_not_import_the_repairer() -> None:
    script = "import sys, symver_pin; print('symver_pin.repairer' in sys.modules)"
    assert succeeded(run([sys.executable, "-c", script], IMPORTABLE)) == "False\n"


def test_the_packages_function_takes_what_the_repairers_takes() -> None:
    def parameters(function: Callable[..., object]) -> list[tuple[str, object]]:
        return [(each.name, each.default) for each in inspect.signature(function).parameters.values()]

    assert parameters(symver_pin.repair) == parameters(repair)


def test_the_example_of_the_docs_works_and_is_typed(plain: Plain, tmp_path: Path) -> None:
    text = (REPO / "docs/repair.md").read_text().partition("```python\n")[2].partition("```")[0]
    (tmp_path / "example.py").write_text(text)
    plain.build(plain.write("sizes.c", SIGNAL_STACK), output="node")
    printed = succeeded(run([sys.executable, "example.py"], IMPORTABLE, cwd=tmp_path))
    assert "('getrandom', 'supplied')" in printed and printed.endswith("0 True\n")
    env = {"MYPYPATH": IMPORTABLE["PYTHONPATH"]}
    command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path / 'cache'}", "example.py"]
    succeeded(run(command, env, cwd=tmp_path))
