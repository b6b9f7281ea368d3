"""Real projects of each build system, built for 2.17 with nothing but `symver-pin run`, do their work there and here.

`make test-world` builds all of `world.py` and writes the table at the end of docs/build-systems.md from what it found;
each test keeps its row in build/world/.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cache import cache_dir
from clients import run_client
from conftest import REPO, succeeded
from pinning import check_fits, dynamic_of, run
from served import PACKAGES, served
from symver_pin.glibc.release import Release, node_release

from .conftest import IS_WHOLE, RunsBoth, Shell, set_up_node_gyp
from .world import PROJECTS, RealProject, copy_source

RECORDS = REPO / "build/world"
PAGE = REPO / "docs/build-systems.md"
HEAD, RULE = "| project | version | build system | needs at most | on glibc 2.17 |", "|---|---|---|---|---|"
PREBUILDIFY = "prebuildify@6.0.1"

MASK = """\
const addon = {exports: {}};
process.dlopen(addon, "./bufferutil.node");
const data = Buffer.from([1, 2, 3, 4, 5]), out = Buffer.alloc(5);
addon.exports.mask(data, Buffer.from([1, 1, 1, 1]), out, 0, 5);
console.log(out.toString("hex"));
"""


@pytest.mark.parametrize("project", [p for p in PROJECTS if IS_WHOLE or p.is_quick], ids=lambda project: project.name)
def test_a_real_project_builds_and_works_on_the_target(
    project: RealProject, tmp_path: Path, shell: Shell, runs_both: RunsBoth, node_on_217: Callable[[str, Path], str]
) -> None:
    folder, version = copy_source(project, tmp_path)
    env = {"SOURCES": str(tmp_path), "GOMODCACHE": str(cache_dir() / "go-modules"), "GOPROXY": "off"}
    if project.source.startswith("npm:"):
        install = ["npm", "install", "--no-save", "--ignore-scripts", "--loglevel=error", PREBUILDIFY]
        served(PACKAGES, PREBUILDIFY, lambda: run_client(install, f"npm cannot install {PREBUILDIFY}", folder))
        env |= set_up_node_gyp(folder)
    succeeded(shell(project.commands, folder, env))
    for name in project.products:
        check_fits(folder / name)
    libraries = tuple(folder / name for name in project.libraries)
    said = [runs_both(folder / name, *arguments, libraries=libraries) for name, *arguments in project.checks]
    if project.source.startswith("npm:"):
        said = [node_on_217(MASK, folder / name) for name in project.products]
        assert said == ["0003020504\n"] * 2
    assert said and all(said), "a check that prints nothing shows nothing"
    record(project, version, folder)


def record(project: RealProject, version: str, folder: Path) -> None:
    """Keep the row of a project."""
    nodes = {need.version for name in project.products for need in dynamic_of(folder / name).needs}
    glibc = max(
        (node for node in nodes if node.startswith("GLIBC_")), key=lambda node: node_release(node) or Release(0, 0)
    )
    RECORDS.mkdir(parents=True, exist_ok=True)
    row = [
        project.name,
        version,
        project.system,
        glibc,
        f"{len(project.products)} files verified, {how_checked(project)}",
    ]
    (RECORDS / f"{project.name}.json").write_text(json.dumps(row))
    rows = {path.stem: json.loads(path.read_text()) for path in RECORDS.glob("*.json")}
    if IS_WHOLE:
        write_table([rows[each.name] for each in PROJECTS if each.name in rows])


def how_checked(project: RealProject) -> str:
    """What was run, for the table."""
    if not project.checks:
        return "loaded by Node.js 20"
    return "runs: " + ", ".join(f"`{' '.join((Path(name).name, *words[:1]))}`" for name, *words in project.checks)


def write_table(rows: list[list[str]]) -> None:
    """Write the rows into the page's table."""
    before, head, after = PAGE.read_text().partition(HEAD)
    assert head, f"{PAGE} has lost its table of real projects"
    rest = after.split("\n\n", 1)[1:]
    lines = [HEAD, RULE, *(f"| {' | '.join(row)} |" for row in rows)]
    PAGE.write_text(before + "\n".join(lines) + "\n" + "".join(f"\n{text}" for text in rest))


def test_the_page_has_rows_of_these_projects() -> None:
    rows = [
        line.split(" | ")[0].removeprefix("| ") for line in PAGE.read_text().partition(RULE)[2].splitlines() if line
    ]
    assert rows and rows == [each.name for each in PROJECTS if each.name in rows]


def test_plain_builds_would_not_run_there(tmp_path: Path) -> None:
    """What the table shows means something only because the plain compiler's programs need a newer glibc."""
    (tmp_path / "main.c").write_text("#include <pthread.h>\nint main(void) { return pthread_create(0, 0, 0, 0); }\n")
    succeeded(run(["gcc", "-o", "main", "main.c"], cwd=tmp_path))
    assert "GLIBC_2.34" in {need.version for need in dynamic_of(tmp_path / "main").needs}
