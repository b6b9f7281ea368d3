"""Let real loaders judge cases: one process of each root starts every program and opens every library of a list."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import rootrun

from .workshop import INTERPRETER, LIBC, Case, Workshop

_LIBC = (
    ("GLIBC_PRIVATE", ("__libc_dlopen_mode", "__libc_dlsym")),
    (
        "GLIBC_2.2.5",
        (
            "read",
            "write",
            "open",
            "close",
            "pipe",
            "dup2",
            "fork",
            "chdir",
            "execve",
            "waitpid",
            "alarm",
            "strlen",
            "strchr",
            "strstr",
            "_exit",
        ),
    ),
)
"""What the driver uses of a libc.so.6 before 2.34, by version node."""
_MERGED = (2, 34)
"""The release from which libc.so.6 has ``dlopen``."""


class Answer(NamedTuple):
    """What a loader did with a case."""

    starts: bool
    """True if the program ran code of its own, or the library was opened."""
    message: str
    """How it ended and the first line that it printed."""


def ask(root: Path, release: str, cases: Sequence[Case], shop: Workshop) -> dict[str, Answer]:
    """The name of each case -> what the loader of ``root`` does with it."""
    driver = _driver(shop, tuple(map(int, release.split("."))) < _MERGED)
    with _placed(shop.root, root) as inside:
        lines = [f"{'PL'[case.is_library]} {inside}/{case.name}\n" for case in cases]
        done = rootrun.run_in_root(root, driver, stdin="".join(lines), timeout=600)
    assert done.returncode == 0, done.stderr
    found = {}
    for line in done.stdout.splitlines():
        folder, status, message = line.split("\t", 2)
        found[folder.removeprefix(f"{inside}/")] = Answer(status == "ok", f"{status} {message}")
    assert found.keys() == {case.name for case in cases}
    return found


def _driver(shop: Workshop, is_old: bool) -> Path:
    """The program that asks; it needs no symbol that 2.17 lacks."""
    source = (Path(__file__).parent / "driver.c").read_text()
    flags = ["-fPIE", "-fno-builtin", "-fno-stack-protector", *(["-DBEFORE_2_34"] if is_old else [])]
    options: list[str | Path] = ["-pie", f"--dynamic-linker={INTERPRETER}"]
    libc = Path(LIBC)
    if is_old:
        stub = shop.parts / "libc.so.6"
        text = "".join(f"void {name}(void) {{}}\n" for _node, names in _LIBC for name in names)
        nodes = "".join(f"{node} {{ {'; '.join(names)}; }};\n" for node, names in _LIBC)
        libc = shop.library(stub, text, versions=nodes)
    output = shop.parts / f"driver-{'old' if is_old else 'new'}"
    return shop.link(output, [shop.compiled(source, flags)], [*options, libc])


@contextmanager
def _placed(tree: Path, root: Path) -> Iterator[str]:
    """Put the folders of the cases into a root while they are judged; the path that they have inside of it."""
    (root / "run").mkdir(exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="draw-", dir=root / "run"))
    place.chmod(0o755)
    try:
        for entry in sorted(tree.iterdir()):
            if not entry.name.startswith("."):
                shutil.copytree(entry, place / entry.name, symlinks=True, copy_function=_link)
        yield f"/run/{place.name}"
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _link(source: str, target: str) -> None:
    """A hard link where the file systems allow it, else a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
