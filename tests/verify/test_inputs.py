"""Folders, packages, wheels, static archives: a file gets the same verdict in each of them."""

from __future__ import annotations

import os
import subprocess
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

import debian_archive
from c_flags import LENIENT_C
from conftest import holds_without_privileges, need_tool, succeeded
from pinning import Kits, run, symver_pin_command
from served import PACKAGES, served
from symver_pin.glibc.maps import default_maps
from symver_pin.loader.verdict import FileVerdict
from symver_pin.verifier import Report, store, verify
from symver_pin.verifier.run import open_session, verify_each

from . import packages
from .programs import compile_library, compile_program

USES_LIBRARY = """
extern int foo(void); extern int getrandom();
int program(void) { return foo() && never && getrandom(0, 0, 0); }
"""


def summary(report: Report) -> list[tuple[str, str, str | None, list[str]]]:
    """(base name, verdict, lowest release, kinds) of every file, in order of the names."""
    return sorted(
        (
            file.path.rpartition("/")[2],
            str(file.verdict),
            str(file.lowest_glibc),
            [str(finding.kind) for finding in file.findings],
        )
        for file in report.files
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that finds its library through $ORIGIN, another library of that name that it must not take, and files
    that are not verified.
    """
    root = tmp_path_factory.mktemp("tree")
    folder = root / "opt" / "product"
    for name in ("bin", "lib", "other", "share"):
        (folder / name).mkdir(parents=True)
    library = compile_library(folder / "lib", "libown.so", "int foo(void) { return 1; }", "V2 { global: foo; };")
    compile_library(folder / "other", "libown.so", "int foo(void) { return 1; }", "V1 { global: foo; };")
    compile_program(folder / "bin", "app", USES_LIBRARY, [str(library), "-Wl,-rpath,$ORIGIN/../lib"])
    (folder / "share" / "readme").write_text("hello\n")
    (folder / "share" / "app.tar.sum").write_text("0123\n")
    (folder / "share" / "app.1.gz").write_bytes(b"\x1f\x8b but no more than that")
    (folder / "lib" / "libown.so.2").symlink_to("libown.so")
    for left in root.rglob("*.[ch]"):
        left.unlink()
    subprocess.run(["gcc", "-x", "c", "-c", "/dev/null", "-o", folder / "lib" / "crt.o"], check=True)
    return root


@pytest.mark.parametrize("form", packages.FORMS)
def test_one_tree_has_one_verdict_in_every_form(form: str, tree: Path, tmp_path: Path) -> None:
    package = packages.FORMS[form](tree, tmp_path)
    found = verify([package], "2.19")
    assert summary(found) == [
        ("app", "fails", "2.25", ["missing-version"]),
        ("libown.so", "ok", "2.12", []),
        ("libown.so", "ok", "2.12", []),
    ]
    assert {file.path.startswith(f"{package}{'/' if form == 'folder' else '!/'}") for file in found.files} == {True}
    assert found.exit_status == 1


@pytest.mark.parametrize("form", ["tar-xz", "zip-deflated", "wheel-in-tar"])
def test_members_that_do_not_fit_in_memory_get_the_same_verdict(
    form: str, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = packages.FORMS[form](tree, tmp_path)
    in_memory = verify([package], "2.19")
    monkeypatch.setattr(store, "IN_MEMORY", 0)
    assert verify([package], "2.19") == in_memory


def test_several_processes_report_the_same(tree: Path, tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"folder{number}").mkdir()
        packages.FORMS["folder" if number % 2 else "zip-stored"](tree, tmp_path / f"folder{number}")
    assert verify([tmp_path], "2.19", jobs=2) == verify([tmp_path], "2.19", jobs=1)
    assert len(verify([tmp_path], "2.19").files) == 120


def test_each_large_archive_gets_a_process_of_its_own(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "noise").write_bytes(os.urandom(1 << 20))
    paths = [tmp_path / f"{number}.zip" for number in range(4)]
    for path in paths:
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(tree / "opt" / "product" / "lib" / "libown.so", "libown.so")
            archive.write(tmp_path / "noise", "noise")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1})
    maps = default_maps()

    def processes_of(*sources: Path) -> list[int]:
        """The process that verified each source."""

        def process_of(_verdict: FileVerdict) -> int:
            time.sleep(0.3)  # so long that one process does not take the work of both
            return os.getpid()

        return list(verify_each(sources, open_session(maps.target("2.19"), maps), process_of, jobs=0))

    found = processes_of(*paths)
    assert len(set(found)) == 2 and len(found) == 4 and os.getpid() not in found
    small = tree / "opt" / "product" / "lib" / "libown.so"
    assert processes_of(paths[0], small) == [os.getpid()] * 2
    assert processes_of(paths[0], tmp_path / "none", small, tmp_path / "noise") == [os.getpid()] * 4


def test_a_real_wheel_and_its_unpacked_folder_agree(tmp_path: Path) -> None:
    path = packages.wheel("pyzmq==26.2.0")
    packed = verify([path], "2.19")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "unpacked")
    loose = verify([tmp_path / "unpacked"], "2.19")
    assert len(packed.files) == 3
    assert summary(packed) == summary(loose)
    # Its libraries have names that only it knows, and lie where $ORIGIN leads.
    assert not [f for file in packed.files for f in file.findings if f.kind == "provided-by-system"]


def test_a_real_debian_package_runs_on_its_own_release(tmp_path: Path) -> None:
    (package,) = served(
        PACKAGES, "xz-utils of Debian 12", lambda: debian_archive.download_packages("bookworm", ["xz-utils"], tmp_path)
    )
    found = verify([package], "debian12")
    assert found.exit_status == 0
    assert {file.path.rpartition("!/")[2] for file in found.files} >= {"usr/bin/xz", "usr/bin/lzmainfo"}
    assert verify([package], "debian11").exit_status == 1


def test_an_archive_finds_nothing_beside_itself(tmp_path: Path) -> None:
    library = compile_library(tmp_path / "host", "libown.so", "int foo(void) { return 1; }")
    outwards = "$ORIGIN/../../host"
    app = compile_program(tmp_path, "app", USES_LIBRARY, [str(library), f"-Wl,-rpath,{outwards}"])
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.add(app, "bin/app")
    (alone,) = verify([tmp_path / "x.tar"], "2.36").files
    assert [finding.kind for finding in alone.findings] == ["provided-by-system", "unjudged-symbols"]
    together = verify([tmp_path / "x.tar", library], "2.36")
    assert [finding.kind for finding in together.files[0].findings] == []


def test_a_folder_is_walked_without_loops_and_special_files(tree: Path, tmp_path: Path) -> None:
    folder = packages.as_folder(tree, tmp_path)
    (folder / "loop").symlink_to(folder)
    (folder / "dangling").symlink_to("nowhere")
    os.mkfifo(folder / "fifo")
    assert len(verify([folder], "2.19").files) == 3


def test_unreadable_files_in_a_folder_are_errors(tree: Path, tmp_path: Path) -> None:
    folder = packages.as_folder(tree, tmp_path)
    unreadable = (folder / "opt" / "product" / "other", folder / "opt" / "product" / "bin" / "app")
    for path in unreadable:
        path.chmod(0)
    assert holds_without_privileges(lambda: _reports_both(folder))
    for path in unreadable:
        path.chmod(0o755)  # so that the folder can be removed


def _reports_both(folder: Path) -> bool:
    found = verify([str(folder)], "2.19")
    denied = [file.path for file in found.files if file.error and "Permission denied" in file.error]
    product = f"{folder}/opt/product"
    return denied == [f"{product}/bin/app", f"{product}/other"] and found.exit_status == 2 and len(found.files) == 3


@pytest.mark.parametrize("separator", ["\n", "\0"])
def test_names_are_read_from_a_list(separator: str, tree: Path, tmp_path: Path) -> None:
    folder = tree / "opt" / "product"
    names = f"{folder}/bin/app{separator}{folder}/lib/libown.so{separator}"
    piped = symver_pin_command("verify", "--glibc", "2.36", "--files-from", "-", input=names)
    assert len([line for line in succeeded(piped).splitlines() if ": ok on" in line]) == 2
    (tmp_path / "list").write_text(names)
    read = symver_pin_command("verify", "--glibc", "2.36", "--files-from", tmp_path / "list")
    assert read.stdout == piped.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--files-from", "/nonexistent"], "--files-from /nonexistent: cannot be read"),
        ([], "the following arguments are required: FILE, or --files-from"),
        (["{empty}"], "holds no program, shared library or static archive; nothing was verified"),
    ],
)
def test_nothing_to_verify_is_an_error(words: list[str], message: str, tmp_path: Path) -> None:
    (tmp_path / "readme").write_text("hello\n")
    done = symver_pin_command("verify", *(word.format(empty=tmp_path) for word in words))
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


# static archives

MEMBERS = {
    "one": "extern int getrandom(); int one(void) { return getrandom(0, 0, 0); }",
    "two": "extern int arc4random(), mine(); int two(void) { return arc4random() + mine(); }",
    "three": "extern int getpid(), stat(), elsewhere(); int mine(void) { return getpid() + stat() + elsewhere(); }",
}


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A static archive of three members that need functions of different releases."""
    folder = tmp_path_factory.mktemp("static")
    for name, source in MEMBERS.items():
        (folder / f"{name}.c").write_text(source + "\n")
        output = f"a_member_with_a_long_name_{name}.o"
        subprocess.run(["gcc", *LENIENT_C, "-c", f"{name}.c", "-o", output], cwd=folder, check=True)
    objects = [f"a_member_with_a_long_name_{name}.o" for name in MEMBERS]
    subprocess.run(["ar", "rc", "libx.a", *objects], cwd=folder, check=True)
    return folder / "libx.a"


def test_a_static_archive_is_verified_by_member(static: Path) -> None:
    (found,) = verify([static], "2.19").files
    assert (found.verdict, found.kind, str(found.lowest_glibc)) == ("fails", "static archive", "2.36")
    failing = {
        finding.file: (str(finding.since), [symbol.name for symbol in finding.symbols])
        for finding in found.findings
        if finding.fails
    }
    assert failing == {
        f"{static}(a_member_with_a_long_name_one.o)": ("2.25", ["getrandom"]),
        f"{static}(a_member_with_a_long_name_two.o)": ("2.36", ["arc4random"]),
    }
    assert all(
        "compat objects replace what glibc 2.19 lacks" in finding.advice for finding in found.findings if finding.fails
    )
    (note,) = (finding for finding in found.findings if not finding.fails)
    assert "1 symbol left to other libraries of the link (elsewhere)" in note.message


@pytest.mark.parametrize(
    ("target", "verdict"), [("2.31", "ok"), ("2.32", "fails"), ("2.33", "fails"), ("2.36", "fails")]
)
def test_variables_that_glibc_keeps_for_old_programs_only_do_not_link(
    target: str, verdict: str, tmp_path: Path, kits: Kits
) -> None:
    """``sys_errlist`` links up to 2.31. The advice is an older target, and a link for that works."""
    (tmp_path / "x.c").write_text("extern const int sys_nerr;\nint number(void) { return sys_nerr; }\n")
    (tmp_path / "main.c").write_text("int number(void);\nint main(void) { return number() < 100; }\n")
    subprocess.run(["gcc", "-fPIC", "-c", "x.c"], cwd=tmp_path, check=True)
    subprocess.run(["ar", "rc", "libold.a", "x.o"], cwd=tmp_path, check=True)
    (found,) = verify([tmp_path / "libold.a"], target).files
    assert found.verdict == verdict
    assert found.loads_text == "on glibc 2.12 to 2.31"
    assert {platform.id for platform in found.runs_on} >= {"rhel7", "debian11"}
    assert "debian12" not in {platform.id for platform in found.runs_on}
    for finding in found.findings:
        assert finding.advice == "name an older target (--glibc 2.31, the last to link sys_nerr), or compile without"
    link: list[str | Path] = [kits("gcc", "2.31") / "bin/cc", "main.c", "libold.a", "-o", "program"]
    succeeded(run(link, cwd=tmp_path))
    assert run([tmp_path / "program"]).returncode == 0


def test_both_forms_of_long_names_are_read(static: Path, tmp_path: Path) -> None:
    name = b"a_member_with_a_long_name_two.o"
    member = (static.parent / name.decode()).read_bytes()
    size = str(len(name) + len(member)).encode()
    header = (b"#1/" + str(len(name)).encode()).ljust(48) + size.ljust(10) + b"`\n"
    (tmp_path / "bsd.a").write_bytes(b"!<arch>\n" + header + name + member)
    (found,) = verify([tmp_path / "bsd.a"], "2.19").files
    assert {finding.file for finding in found.findings if finding.fails} == {f"{tmp_path}/bsd.a({name.decode()})"}


def test_the_real_linker_agrees_on_what_a_static_archive_lacks(static: Path, root217: Path) -> None:
    libc = next(root217.rglob("libc.so.6"))
    command = [
        "ld",
        "-e",
        "0",
        "-o",
        "/dev/null",
        "--whole-archive",
        str(static),
        "--no-whole-archive",
        str(libc),
        "--allow-shlib-undefined",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    missing = {word for word in ("getrandom", "arc4random", "getpid", "mine") if f"to `{word}'" in done.stderr}
    (found,) = verify([static], "2.17").files
    assert missing == {s.name for finding in found.findings if finding.fails for s in finding.symbols}


def test_real_static_archives_of_the_compilers(tmp_path: Path) -> None:
    libgcc = succeeded(subprocess.run(["gcc", "-print-libgcc-file-name"], capture_output=True, text=True)).strip()
    (found,) = verify([libgcc], "2.12").files
    assert (found.verdict, found.kind) == ("ok", "static archive")
    (tmp_path / "x.rs").write_text(
        'extern "C" { fn arc4random() -> u32; }\npub fn random() -> u32 { unsafe { arc4random() } }\n'
    )
    subprocess.run([need_tool("rustc"), "--crate-type", "rlib", "-O", "x.rs"], cwd=tmp_path, check=True)
    (found,) = verify([tmp_path / "libx.rlib"], "2.35").files
    assert [[s.name for s in finding.symbols] for finding in found.findings if finding.fails] == [["arc4random"]]
    assert verify([tmp_path / "libx.rlib"], "2.36").exit_status == 0


def test_members_for_link_time_optimisation_are_a_note(tmp_path: Path) -> None:
    for compiler, name in (("gcc", "slim"), ("clang", "bitcode")):
        (tmp_path / f"{name}.c").write_text("extern int arc4random(); int x(void) { return arc4random(); }\n")
        subprocess.run([compiler, *LENIENT_C, "-flto", "-c", f"{name}.c"], cwd=tmp_path, check=True)
        subprocess.run(["ar", "rc", f"lib{name}.a", f"{name}.o"], cwd=tmp_path, check=True)
        (found,) = verify([tmp_path / f"lib{name}.a"], "2.19").files
        assert [finding.kind for finding in found.findings] == ["unjudged-symbols"], name
        assert "link-time optimisation" in found.findings[0].message


def test_an_object_is_verified_as_an_archive_of_one_member(static: Path) -> None:
    member = static.parent / "a_member_with_a_long_name_two.o"
    (found,) = verify([member], "2.19").files
    assert found.kind == "static archive"
    assert [s.name for finding in found.findings if finding.fails for s in finding.symbols] == ["arc4random"]
