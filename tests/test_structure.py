"""The packages of the program form floors: each uses only those below it, and no two modules need each other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import REPO
from symver_pin.machine.architectures import ARCHES

SOURCE = REPO / "src/symver_pin"

FLOORS = (
    "handover", "errors", "optional_packages", "spelling", "variables", "paths", "files", "toml_file", "templates",
    "archives", "elf",
    "glibc", "machine", "findings", "compat", "harvest", "loader", "promises", "verifier", "cache_key", "header",
    "kit", "repairer", "doctor", "report", "fleet", "builds", "cffi", "build_backend", "command_line", "commands",
    "cli", "__main__",
)  # fmt: skip
"""The packages and top-level modules from the lowest to the highest; CONTRIBUTING.md shows the same picture."""

MOST_LINES, MOST_MODULES = 400, 24
"""Of a module, and of a package."""

_ARCHITECTURES = {name for arch in ARCHES.values() for name in (arch.name, arch.triplet, *arch.other_names)}


def modules() -> dict[str, ast.Module]:
    """Every module of the program by its dotted name below ``symver_pin``; a package by its own name."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = ast.parse(path.read_text())
    return found


MODULES = modules()


def imported(tree: ast.Module) -> Iterator[str]:
    """The modules that a module imports anywhere: at its top, in a function, or for type checkers only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("symver_pin"):
            base = (node.module or "").removeprefix("symver_pin").removeprefix(".")
            names = [f"{base}.{alias.name}".removeprefix(".") for alias in node.names]
            yield from (name if name in MODULES else base for name in names)
        elif isinstance(node, ast.Import):
            yield from (a.name.removeprefix("symver_pin.") for a in node.names if a.name.startswith("symver_pin."))


def floor_of(name: str) -> int:
    return FLOORS.index(name.partition(".")[0])


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_a_module_imports_nothing_from_a_higher_floor(name: str) -> None:
    higher = [other for other in imported(MODULES[name]) if other and floor_of(other) > floor_of(name)]
    assert not higher, f"{name} is below {', '.join(higher)}: move one of them, or what they share"


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {name: set(imported(tree)) - {name, ""} for name, tree in MODULES.items() if name}
    left = dict(graph)
    while left:
        free = [name for name, needs in left.items() if not needs & left.keys()]
        assert free, f"modules in circles of imports, or above one: {', '.join(sorted(left))}"
        for name in free:
            del left[name]


def string_constants(tree: ast.Module) -> Iterator[str]:
    """The string constants of a module's code, without docstrings and other bare strings."""
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.value


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith("machine.")])
def test_no_module_outside_of_machine_compares_with_the_name_of_an_architecture(name: str) -> None:
    named = _ARCHITECTURES.intersection(string_constants(MODULES[name]))
    assert not named, f"{name} names {', '.join(sorted(named))}; give Arch a field for what differs"


def test_modules_and_packages_stay_small() -> None:
    sizes = {path: len(path.read_text().splitlines()) for path in SOURCE.rglob("*.py")}
    assert not [str(path) for path, lines in sizes.items() if lines > MOST_LINES]
    folders = [path.parent for path in sizes]
    assert not [str(folder) for folder in set(folders) if folders.count(folder) > MOST_MODULES]


def test_relics_of_the_first_form_stay_away() -> None:
    relics = re.compile(r"TYPE_CHECKING = False|tuple\.__new__|noqa: PTH|environ\[\"SYMVER_PIN_\w+\"\] =")
    for path in SOURCE.rglob("*.py"):
        assert not relics.search(path.read_text()), path
    exits = [path for path in SOURCE.rglob("*.py") if "os._exit" in path.read_text()]
    assert exits == [SOURCE / "cli.py"]
    assert not list(Path(SOURCE).rglob("*.so")) and {p.parent.name for p in SOURCE.rglob("*.c")} == {"compat"}
