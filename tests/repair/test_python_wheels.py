"""Wheels of manylinux_2_28, repaired, work in a CPython that was built with the kit, on the real 2.17.

Building it takes minutes, so `make test-repair` runs this file, and `make test` does not.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import RunOn217, need_tool, succeeded
from old_python import old_python
from pinning import Kits
from python_packages import pip_download
from served import PACKAGES, served
from symver_pin import repair, verify

from .test_real import libraries_of

WHEELS = {
    "numpy==2.4.6": "import numpy as np; a = np.random.default_rng(1).random((50, 50));"
    "print(round(float(np.linalg.det(a @ np.linalg.inv(a))), 6), np.exp(np.float32(0)))",
    "lxml==6.1.3": "from lxml import etree; print(etree.tostring(etree.XML('<a><b/></a>')[0]))",
    "pillow==12.0.0": "from PIL import Image; import io; out = io.BytesIO();"
    "Image.new('RGB', (9, 9), 'red').save(out, 'PNG');"
    "print(Image.open(io.BytesIO(out.getvalue())).getpixel((1, 1)))",
}
SAYS = {"numpy==2.4.6": "1.0 1.0\n", "lxml==6.1.3": "b'<b/>'\n", "pillow==12.0.0": "(255, 0, 0)\n"}


@pytest.fixture(scope="module")
def python(kits: Kits, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A CPython for 2.17, built with the kit, and its whole standard library."""
    return old_python(kits() / "bin/cc", tmp_path_factory.mktemp("python"), whole=True)


@pytest.mark.parametrize("wheel", WHEELS)
def test_a_wheel_of_manylinux_2_28_works(
    wheel: str, python: tuple[Path, Path], run_on_217: RunOn217, tmp_path: Path
) -> None:
    options = ["--no-deps", "--only-binary=:all:", "--python-version=3.11", "--platform=manylinux_2_28_x86_64"]
    (file,) = served(PACKAGES, wheel, lambda: pip_download([wheel], tmp_path, options))
    assert verify([file], "2.17").exit_status == 1, "it needs no repair"
    outcome = repair([file], "2.17", tmp_path / "out")
    assert outcome.exit_status == 0, [(each.path, each.reason) for each in outcome.files]
    (result,) = (tmp_path / "out").iterdir()
    assert "manylinux_2_17_x86_64" in result.name
    found = verify([result], "2.17", policy="manylinux_2_17").files
    assert {finding.kind for file in found for finding in file.findings if finding.fails} <= {"library-not-found"}
    # numpy needs libz.so.1 of the system, which every manylinux system has and the bare root has not; and a module of
    # Python's own, which is Debian's.
    interpreter, library = python
    system = [path for path in libraries_of(Path(need_tool("git"))) if path.name == "libz.so.1"]
    system += library.parent.glob("debian/usr/lib/python3.11/lib-dynload/_contextvars*.so")
    assert repair(system, "2.17", tmp_path / "system").exit_status == 0
    program = f"import zipfile, sys; zipfile.ZipFile({result.name!r}).extractall('site'); sys.path.insert(0, 'site');"
    files = [library, result, *(tmp_path / "system").iterdir()]
    places = {"LD_LIBRARY_PATH": ".", "PYTHONPATH": f"{library.name}:.", "PYTHONHOME": "/nowhere"}
    done = run_on_217(interpreter, "-c", program + WHEELS[wheel], extra_files=files, env=places, timeout=120)
    assert succeeded(done) == SAYS[wheel]
