"""A Python interpreter that runs on glibc 2.17: Debian's own static library of CPython, linked by a kit.

Nobody ships a new Python for so old a system, and an extension module needs one to be loaded by. The objects are
Debian's, compiled against its glibc; only the link is ours. The standard library goes along as one zip file.
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from conftest import succeeded
from debian_archive import download_packages, unpack_deb
from pinning import run
from served import PACKAGES, served

SUITE, VERSION = "bookworm", "3.11"
NAMES = (
    f"libpython{VERSION}-dev", f"libpython{VERSION}-stdlib", f"libpython{VERSION}-minimal",
    "libexpat1-dev", "zlib1g-dev",
)  # fmt: skip
MAIN = "int Py_BytesMain(int, char **);\nint main(int argc, char **argv) { return Py_BytesMain(argc, argv); }\n"


def old_python(cc: Path, into: Path, whole: bool = False) -> tuple[Path, Path]:
    """The interpreter and its standard library, as files in `into`, linked with the kit's driver `cc`.

    The library is what most programs import; with `whole`, all of it in Python but its tests.
    """
    root = into / "debian"
    with tempfile.TemporaryDirectory(dir=into) as scratch:
        packages = served(PACKAGES, f"Python of Debian {SUITE}", lambda: download_packages(SUITE, NAMES, Path(scratch)))
        for package in packages:
            unpack_deb(package, root)
    source, program, library = into / "main.c", into / "python3", into / "stdlib.zip"
    source.write_text(MAIN)
    system = root / "usr/lib/x86_64-linux-gnu"
    cpython = root / f"usr/lib/python{VERSION}/config-{VERSION}-x86_64-linux-gnu/libpython{VERSION}-pic.a"
    succeeded(
        run(
            [
                cc,
                source,
                "-o",
                program,
                "-Wl,-E",
                "-Wl,--whole-archive",
                cpython,
                "-Wl,--no-whole-archive",
                system / "libexpat.a",
                system / "libz.a",
                "-lm",
            ]
        )
    )
    modules = root / f"usr/lib/python{VERSION}"
    chosen = [*modules.glob("*.py"), *modules.glob("encodings/*.py"), *modules.glob("collections/*.py")]
    if whole:
        left_out = {modules / "test", modules / "idlelib"}
        chosen = [path for path in sorted(modules.rglob("*.py")) if left_out.isdisjoint(path.parents)]
    with zipfile.ZipFile(library, "w") as archive:
        for path in filter(Path.is_file, chosen):  # a link into /etc may lead nowhere
            archive.write(path, path.relative_to(modules))
    return program, library
