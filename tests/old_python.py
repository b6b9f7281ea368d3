"""A Python interpreter that runs on glibc 2.17: Debian's own static library of CPython, linked by a kit.

Nobody ships a new Python for so old a system, and an extension module needs one to be loaded by. The objects are
Debian's, compiled against its glibc; only the link is ours. The standard library goes along as one zip file.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from conftest import succeeded
from debian_archive import download_packages, unpack_deb
from pinning import run
from served import PACKAGES, served

SUITES = {"3.11": "bookworm", "3.13": "trixie", "3.14": "sid"}
"""The Python of each Debian release."""
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
"""The version of the Python that runs the tests, for which isolated builds make extension modules."""
MAIN = "int Py_BytesMain(int, char **);\nint main(int argc, char **argv) { return Py_BytesMain(argc, argv); }\n"


def old_python(cc: Path, into: Path, version: str = "3.11", whole: bool = False) -> tuple[Path, Path]:
    """The interpreter of a version and its standard library, as files in `into`, linked with the kit's driver `cc`.

    The library is what most programs import; with `whole`, all of it in Python but its tests.
    """
    root = into / "debian"
    suite = SUITES.get(version)
    if suite is None:
        pytest.skip(f"not run: no Debian release has Python {version}")
    names = [f"libpython{version}-{part}" for part in ("dev", "stdlib", "minimal")]
    names += ["libexpat1-dev", "zlib1g-dev"]
    with tempfile.TemporaryDirectory(dir=into) as scratch:
        packages = served(PACKAGES, f"Python of Debian {suite}", lambda: download_packages(suite, names, Path(scratch)))
        for package in packages:
            unpack_deb(package, root)
    source, program, library = into / "main.c", into / "python3", into / "stdlib.zip"
    source.write_text(MAIN)
    system = root / "usr/lib/x86_64-linux-gnu"
    # Debian's archives after 3.11 lack the functions of SHA-2, which no test calls
    incomplete = [] if version == "3.11" else ["-Wl,--unresolved-symbols=ignore-in-object-files", "-Wl,-z,lazy"]
    cpython = root / f"usr/lib/python{version}/config-{version}-x86_64-linux-gnu/libpython{version}-pic.a"
    succeeded(
        run(
            [
                cc,
                source,
                "-o",
                program,
                "-Wl,-E",
                *incomplete,
                "-Wl,--whole-archive",
                cpython,
                "-Wl,--no-whole-archive",
                system / "libexpat.a",
                system / "libz.a",
                "-lm",
            ]
        )
    )
    modules = root / f"usr/lib/python{version}"
    chosen = [*modules.glob("*.py"), *modules.glob("encodings/*.py"), *modules.glob("collections/*.py")]
    if whole:
        left_out = {modules / "test", modules / "idlelib"}
        chosen = [path for path in sorted(modules.rglob("*.py")) if left_out.isdisjoint(path.parents)]
    with zipfile.ZipFile(library, "w") as archive:
        for path in filter(Path.is_file, chosen):  # a link into /etc may lead nowhere
            archive.write(path, path.relative_to(modules))
    return program, library
