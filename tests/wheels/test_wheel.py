"""`symver-pin wheel`, the PEP 517 backend and cffi on small projects; `test_world.py` has more build systems."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from conftest import succeeded
from pinning import IMPORTABLE, run, symver_pin_command
from symver_pin import verify
from symver_pin.cffi import pin
from symver_pin.errors import UsageError

from .builders import Builder, Python217, check_honest

CHECK = "import setuptools_c as module; print(module.check())"
SHAPE = "from _cffi_module import lib; print(round(lib.shape(3.0), 6), 0 <= lib.random_byte() < 256)"


def test_a_setuptools_project_becomes_an_honest_wheel(builder: Builder, python217: Python217) -> None:
    done = builder.by_command(builder.project("setuptools_c"), isolated=False)
    wheel = builder.wheel()
    assert succeeded(done) == f"{wheel}\n"
    assert f"{wheel.name}: all files obey manylinux_2_12, the oldest policy" in done.stderr
    check_honest(wheel)
    assert builder.use_here(wheel, CHECK) == python217.use([wheel], CHECK) == "33 folder\n"


def test_a_build_has_an_environment_of_its_own(builder: Builder) -> None:
    project = builder.folder / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "inside"\nbackend-path = ["."]\n'
    )
    (project / "inside.py").write_text(
        "import os, sys, zipfile\n"
        "def build_sdist(folder, config=None): raise NotImplementedError\n"
        "def build_wheel(folder, config=None, metadata=None):\n"
        "    name = 'pure-1.0-py3-none-any.whl'\n"
        "    with zipfile.ZipFile(f'{folder}/{name}', 'w') as archive:\n"
        "        archive.writestr('pure.txt', f\"{sys.prefix} {os.environ['CC']} {config}\")\n"
        "    return name\n"
    )
    succeeded(
        builder.by_command(project, "-C", "a=1", "-C", "b=2", "-C", "b=3", env={"PIP_NO_INDEX": "1"}, index=False)
    )
    with zipfile.ZipFile(builder.wheel()) as archive:
        prefix, compiler, config = archive.read("pure.txt").decode().split(" ", 2)
    assert prefix != sys.prefix and compiler.endswith("/bin/cc") and "/kits/" in compiler
    assert config == "{'a': '1', 'b': ['2', '3']}"


def test_the_backend_does_the_same_for_pip(builder: Builder, python217: Python217) -> None:
    done = builder.by_pip(builder.wrap(builder.project("setuptools_c")), isolated=False)
    succeeded(done)
    wheel = builder.wheel()
    assert "manylinux_2_12_x86_64.manylinux2010_x86_64" in wheel.name
    check_honest(wheel)
    assert python217.use([wheel], CHECK) == "33 folder\n"


def test_a_policy_fixes_the_tag(builder: Builder) -> None:
    done = builder.by_command(builder.project("setuptools_c"), "--policy", "manylinux2014", isolated=False)
    assert "manylinux_2_17_x86_64.manylinux2014_x86_64" in builder.wheel().name
    assert "asked for, and all files obey manylinux_2_17" in done.stderr
    check_honest(builder.wheel())


def test_what_decided_a_newer_tag_is_named(builder: Builder) -> None:
    project = builder.project("setuptools_c")
    source = project / "module.c"
    source.write_text(source.read_text().replace("pow(2.0, 5.0)", "32 + pow(x(), 5.0)").replace(
        "static void *answer", "static double x(void) { return 0; }\nstatic void *answer"))  # fmt: skip
    done = builder.by_command(project, "--glibc", "2.34", isolated=False)
    assert succeeded(done)
    name = builder.wheel().name
    assert "manylinux_2_34_x86_64" in name
    assert f"{name}: manylinux_2_31 refuses setuptools_c." in done.stderr
    assert "GLIBC_2.32" in done.stderr or "GLIBC_2.33" in done.stderr or "GLIBC_2.34" in done.stderr
    assert verify([builder.wheel()], "2.36").exit_status == 0


def test_a_wheel_that_needs_more_than_the_target_is_refused(builder: Builder) -> None:
    plain = builder.project("setuptools_c")
    succeeded(builder.by_pip(plain, isolated=False))
    linux = builder.wheel()
    done = symver_pin_command("wheel", linux, "-o", builder.folder / "out")
    assert (done.returncode, done.stdout) == (1, "")
    assert "FAILS on manylinux2014 (glibc 2.17)" in done.stderr and "getrandom" in done.stderr
    assert not (builder.folder / "out").exists()
    done = symver_pin_command("wheel", linux, "--glibc", "2.36", "-o", builder.folder / "out")
    (tagged,) = (builder.folder / "out").iterdir()
    assert succeeded(done) == f"{tagged}\n" and "manylinux_2_3" in tagged.name
    assert verify([tagged], "2.36").exit_status == 0


def test_a_library_of_this_host_is_vendored_and_repaired(builder: Builder, python217: Python217) -> None:
    library = builder.folder / "libfar.so.1"
    source = "#include <sys/random.h>\nint far(void) { char b; return (int)getrandom(&b, 1, 0) + 41; }\n"
    (builder.folder / "far.c").write_text(source)
    flags = ["-shared", "-fPIC", f"-Wl,-soname,{library.name}"]
    succeeded(run(["gcc", *flags, builder.folder / "far.c", "-o", library]))
    (builder.folder / "libfar.so").symlink_to(library.name)
    project = builder.project("setuptools_c")
    module = project / "module.c"
    text = module.read_text().replace("(int)result", "far()")
    module.write_text(text.replace("static void *answer", "int far(void);\nstatic void *answer"))
    setup = project / "setup.py"
    places = f'libraries=["m", "far"], library_dirs=["{builder.folder}"]'
    setup.write_text(setup.read_text().replace('libraries=["m"]', places))
    done = builder.by_command(project, isolated=False, env={"LD_LIBRARY_PATH": str(builder.folder)})
    succeeded(done)
    assert "put into it from this host: libfar.so.1" in done.stderr
    assert "repaired for glibc 2.17: libfar-" in done.stderr
    # auditwheel takes the nodes of libsymver_pin_compat.so, which is in the wheel, for glibc's.
    assert "manylinux_2_17_x86_64.manylinux2014_x86_64" in builder.wheel().name
    assert verify([builder.wheel()], "2.17", policy="tag").exit_status == 0
    assert builder.use_here(builder.wheel(), CHECK) == python217.use([builder.wheel()], CHECK) == "42 folder\n"


def test_a_pure_wheel_is_passed_through(builder: Builder) -> None:
    wheel = builder.folder / "pure-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("pure.py", "ANSWER = 42\n")
    done = symver_pin_command("wheel", wheel, "-o", builder.dist)
    assert succeeded(done) == f"{builder.wheel()}\n"
    assert done.stderr == "pure-1.0-py3-none-any.whl: no programs or libraries in it; unchanged\n"
    assert builder.wheel().read_bytes() == wheel.read_bytes()


def test_a_tag_that_cannot_be_right_is_an_error(builder: Builder) -> None:
    wheel = builder.folder / "odd-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write("/bin/true", "odd/true")
    done = symver_pin_command("wheel", wheel, "--glibc", "2.36", "-o", builder.dist)
    assert done.returncode == 2
    assert done.stderr == (
        "symver-pin: error: odd-1.0-py3-none-any.whl: the tag any is not one of glibc on one architecture, and "
        "odd/true is in it; let the build backend make a wheel for this platform\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere: no such file or folder"),
        (["empty"], "empty: has no pyproject.toml and no setup.py"),
        (["no.tar.gz"], "no.tar.gz: is no source distribution"),
        ([".", "--policy", "lsb"], "--policy lsb: a wheel's tag names a manylinux policy (manylinux2014), or auto"),
        ([".", "--policy", "manylinux_9_9"], "unknown policy 'manylinux_9_9'"),
        (["a-b.whl"], "is not the file name of a wheel"),
        (["broken", "--no-isolation"], "the wheel cannot be built"),
    ],
)
def test_bad_input_is_one_line(words: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/pyproject.toml").write_text('[build-system]\nrequires = []\nbuild-backend = "nothing_here"\n')
    (tmp_path / "no.tar.gz").write_text("no archive")
    (tmp_path / "a-b.whl").write_text("no wheel")
    done = symver_pin_command("wheel", *words, cwd=tmp_path)
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 2 and last.startswith("symver-pin: error: ") and said in last


def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text("")
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as util\nfind = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'build' else find(name, *more)\n"
    )
    path = f"{tmp_path}:{IMPORTABLE['PYTHONPATH']}"
    done = run([sys.executable, "-m", "symver_pin", "wheel", tmp_path], {"PYTHONPATH": path})
    assert (done.returncode, done.stderr) == (
        2,
        "symver-pin: error: wheel needs the Python package build, which is not installed: pip install build\n",
    )


def test_cffi_compiles_a_pinned_module(builder: Builder, python217: Python217) -> None:
    project = builder.project("cffi_module")
    done = run([sys.executable, "build_module.py"], IMPORTABLE, cwd=project)
    module = Path(succeeded(done).splitlines()[-1])
    (file,) = verify([module], "2.17").files
    assert file.verdict == "ok"


def test_cffi_modules_of_a_setup_py_are_pinned(builder: Builder, python217: Python217, packages: Path) -> None:
    succeeded(builder.by_command(builder.project("cffi_module"), isolated=False))
    wheel = builder.wheel()
    check_honest(wheel)
    (runtime,) = packages.glob("cffi-*.whl")
    (parser,) = packages.glob("pycparser-*.whl")
    assert builder.use_here(wheel, SHAPE) == python217.use([wheel, runtime, parser], SHAPE) == "12.0 True\n"


def test_pin_explains_its_mistakes() -> None:
    from cffi import FFI

    with pytest.raises(UsageError, match=r"call ffibuilder\.set_source"):
        pin(FFI())
    builder = FFI()
    builder.set_source("_abi", None)
    with pytest.raises(UsageError, match="_abi is in ABI mode"):
        pin(builder)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", 'name the backend that builds: backend = "setuptools.build_meta"'),
        ('backend = "setuptools.build_meta"\nglibk = "2.17"', "unknown key 'glibk'"),
        ("backend = 3", "backend must be a string"),
        ('backend = "no_such_backend"', "cannot be imported: No module named 'no_such_backend'"),
        ('backend = "symver_pin.build_backend"', "wraps itself"),
        ('backend = "setuptools.build_meta"\nglibc = "solaris"', "unknown glibc release or platform"),
    ],
)
def test_a_faulty_table_is_one_line(table: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.symver-pin]\n{table}\n")
    code = "from symver_pin import build_backend as b; b.build_wheel('dist')"
    done = run([sys.executable, "-c", code], IMPORTABLE, cwd=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("symver-pin: error: ") and said in done.stderr


def test_a_frontend_sees_the_hooks_of_the_wrapped_backend_only(tmp_path: Path) -> None:
    (tmp_path / "inside.py").write_text(
        "def build_wheel(*a): ...\ndef build_sdist(folder, config=None): return folder\n"
    )
    table = '[tool.symver-pin]\nbackend = "inside"\nbackend-path = ["."]\n'
    (tmp_path / "pyproject.toml").write_text(table)
    code = (
        "from symver_pin import build_backend as b;"
        "print(hasattr(b, 'build_editable'), hasattr(b, 'prepare_metadata_for_build_wheel'), b.build_sdist('there'))"
    )
    assert succeeded(run([sys.executable, "-c", code], IMPORTABLE, cwd=tmp_path)) == "False False there\n"
