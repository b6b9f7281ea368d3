"""The old runtimes are what they say they are, run programs as a real old machine would, and bear parallel use."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

import pytest

import debian_archive
import rootrun
import runtimes
from conftest import REPO, CompileC, RunOn217, need_root, succeeded

TOOL = REPO / "tools" / "runtimes.py"

PRINT_VERSION = """
int puts(const char *);
const char *gnu_get_libc_version(void);
int main(void) { puts(gnu_get_libc_version()); return 0; }
"""

PRINT_OWN_PATH = "#include <stdio.h>\nint main(int argc, char **argv) { puts(argv[argc - 1]); return 0; }"

# The least that starts main() through libc, so that this test needs none of our own stubs or start-up objects.
START = """
int main(void);
int __libc_start_main(int (*)(void), int, char **, void (*)(void), void (*)(void), void (*)(void), void *);
__asm__(".globl _start\\n_start: xor %ebp,%ebp; mov %rsp,%rdi; and $-16,%rsp; call begin");
void begin(long *stack) { __libc_start_main(main, (int)stack[0], (char **)(stack + 1), 0, 0, 0, stack); }
"""


@pytest.fixture
def linked_to_217(compile_c: CompileC, root217: Path) -> Path:
    """A dynamic executable that was linked to the old libc.so.6 itself and so runs on 2.17 and all later releases."""
    libraries = [str(root217 / "lib" / name) for name in ("libc.so.6", "ld-linux-x86-64.so.2")]
    return compile_c(START + PRINT_VERSION, "-nostartfiles", "-nostdlib", "-no-pie", "-fno-stack-protector", *libraries)


def test_a_root_has_the_loader_where_every_x86_64_program_asks_for_it(root217: Path) -> None:
    assert (root217 / "lib64/ld-linux-x86-64.so.2").is_file()
    for name in ("libc.so.6", "libpthread.so.0", "libm.so.6", "libdl.so.2", "librt.so.1"):
        assert (root217 / "lib" / name).is_file()
    for name in ("libgcc_s.so.1", "libstdc++.so.6"):
        assert (root217 / "lib" / name).is_file()


def test_a_root_keeps_runtime_libraries_only(root217: Path) -> None:
    assert not list(root217.rglob("*.a")) and not list(root217.rglob("*.h"))


@pytest.mark.parametrize("release", runtimes.RELEASES)
def test_a_dynamic_program_finds_the_libc_that_the_root_is_named_after(release: str, linked_to_217: Path) -> None:
    done = rootrun.run_in_root(need_root(release), linked_to_217)
    assert succeeded(done) == f"{release}\n"


def test_a_program_of_this_host_that_needs_a_newer_libc_is_refused(compile_c: CompileC, run_on_217: RunOn217) -> None:
    source = "#include <sys/random.h>\nint main(void) { return getrandom(0, 0, 0); }"
    done = run_on_217(compile_c(source))
    assert done.returncode != 0
    assert "GLIBC_" in done.stderr and "not found" in done.stderr


def test_a_static_program_gets_its_arguments_input_and_environment(compile_c: CompileC, run_on_217: RunOn217) -> None:
    source = """
        #include <stdio.h>
        #include <stdlib.h>
        int main(int argc, char **argv) {
            char line[100];
            fgets(line, sizeof line, stdin);
            printf("%d|%s|%s|%s", argc, argv[1], getenv("SAID"), line);
            return getenv("SECRET") ? 9 : 7;
        }"""
    os.environ["SECRET"] = "of this host"
    try:
        done = run_on_217(compile_c(source, "-static"), "a b", env={"SAID": "hello"}, stdin="typed\n")
    finally:
        del os.environ["SECRET"]
    assert (done.returncode, done.stdout) == (7, "2|a b|hello|typed\n")


def test_shared_libraries_that_are_handed_over_are_found(
    compile_c: CompileC, run_on_217: RunOn217, root217: Path
) -> None:
    shared = ["-shared", "-nostdlib", "-fPIC", "-Wl,-soname,libanswer.so"]
    library = compile_c("int answer(void) { return 42; }", *shared, name="libanswer.so")
    old_libc = [str(root217 / "lib" / name) for name in ("libc.so.6", "ld-linux-x86-64.so.2")]
    flags = ["-nostartfiles", "-nostdlib", "-no-pie", "-fno-stack-protector"]
    source = START + "int answer(void); int main(void) { return answer(); }"
    program = compile_c(source, *flags, str(library), *old_libc)
    assert run_on_217(program, extra_files=[library]).returncode == 42


def test_a_crash_is_reported_as_its_signal(compile_c: CompileC, run_on_217: RunOn217) -> None:
    assert run_on_217(compile_c("#include <stdlib.h>\nint main(void) { abort(); }", "-static")).returncode == -6


def test_a_program_that_hangs_is_killed_with_its_children(compile_c: CompileC, run_on_217: RunOn217) -> None:
    hangs = compile_c("#include <unistd.h>\nint main(void) { fork(); for (;;) pause(); }", "-static")
    with pytest.raises(subprocess.TimeoutExpired):
        run_on_217(hangs, timeout=0.3)


def test_each_run_has_a_directory_of_its_own_that_goes_with_it(
    compile_c: CompileC, run_on_217: RunOn217, root217: Path
) -> None:
    program = compile_c(PRINT_OWN_PATH, "-static")
    with ThreadPoolExecutor(8) as pool:
        paths = {succeeded(done).strip() for done in pool.map(lambda _: run_on_217(program), range(64))}
    assert len(paths) == 64
    assert not [path for path in paths if (root217 / path.lstrip("/")).parent.exists()]


def test_nothing_stays_mounted_in_a_root(compile_c: CompileC, run_on_217: RunOn217, root217: Path) -> None:
    source = '#include <unistd.h>\nint main(void) { return access("/proc/self/exe", F_OK); }'
    run_on_217(compile_c(source, "-static"))
    assert str(root217) not in Path("/proc/self/mountinfo").read_text()
    assert not list((root217 / "proc").iterdir())


def test_an_unknown_release_is_named_with_those_there_are() -> None:
    done = subprocess.run([sys.executable, TOOL, "get", "2.5"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "runtimes.py: no runtime of glibc 2.5 is known; there are 2.17, 2.31, 2.36, 2.41, 2.43\n"


def test_without_npm_the_reason_says_so_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYMVER_PIN_RUNTIMES", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "npm is not installed" in (runtimes.why_not("2.17") or "")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [".lock-glibc-2.17-x86_64-1"]


def test_a_cache_that_cannot_be_written_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("SYMVER_PIN_RUNTIMES", str(tmp_path / "a-file" / "cache"))
    assert f"cannot write {tmp_path}/a-file/cache/glibc-2.17-x86_64-1" in (runtimes.why_not("2.17") or "")


def test_two_builders_at_once_build_one_root_and_what_a_killed_one_left_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYMVER_PIN_RUNTIMES", str(tmp_path))
    (tmp_path / ".making-glibc-2.17-x86_64-1-killed" / "folder").mkdir(parents=True)
    second_asks = threading.Event()
    built: list[Path] = []

    def instead_of_npm(source: object, download: Path, root: Path) -> None:
        assert second_asks.wait(30)
        built.append(root)
        (root / "lib").mkdir()
        (root / "lib/libc.so.6").write_text("GNU C Library (a fake) stable release version 2.17, by nobody")

    def second() -> Path:
        second_asks.set()
        return runtimes.get_root("2.17")

    monkeypatch.setattr(runtimes, "unpack_sysroot", instead_of_npm)
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(runtimes.get_root, "2.17"), pool.submit(second)]
        roots = {answer.result() for answer in answers}
    assert len(roots) == 1 and len(built) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock-glibc-2.17-x86_64-1", roots.pop().name]


def test_a_source_that_moved_on_to_another_glibc_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYMVER_PIN_RUNTIMES", str(tmp_path))

    def newer(source: object, release: str, download: Path, root: Path) -> None:
        (root / "lib").mkdir()
        (root / "lib/libc.so.6").write_text("GNU C Library (Debian GLIBC 2.44-1) stable release version 2.44.")

    monkeypatch.setattr(runtimes, "_from_debian", newer)
    assert (runtimes.why_not("2.43") or "").endswith("has glibc 2.44 now")
    assert not list(tmp_path.glob("glibc-*"))


def test_an_archive_cannot_write_outside_the_root(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in ("../../libevil.so", "libgood.so", "sub/libdeep.so"):
            archive.addfile(tarfile.TarInfo(f"root/lib/{name}"))
        archive.addfile(tarfile.TarInfo("/root/lib/libabsolute.so"))
        link = tarfile.TarInfo("root/lib/liblink.so")
        link.type, link.linkname = tarfile.SYMTYPE, "../../../../etc/passwd"
        archive.addfile(link)
    packed.seek(0)
    with tarfile.open(fileobj=packed) as archive:
        runtimes._extract_libraries(archive, PurePosixPath("root/lib"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["libgood.so"]


def test_the_debian_archive_is_found_in_one_line_sources(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text(
        "# deb http://commented.example/debian bookworm main\n"
        "deb [arch=amd64 signed-by=/keys/a.gpg] http://mirror.example/debian bookworm main\n"
        "deb-src http://source.example/debian bookworm main\n"
    )
    assert list(debian_archive.apt_entries(tmp_path)) == [
        debian_archive.AptEntry("http://mirror.example/debian", ("bookworm",), "/keys/a.gpg")
    ]


def test_the_debian_archive_is_found_in_deb822_sources(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "some.sources").write_text(
        "Types: deb deb-src\n# a comment\nURIs: http://mirror.example/debian\nSuites: trixie trixie-updates\n"
        "Components: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n"
        "\nEnabled: no\nTypes: deb\nURIs: http://off.example/debian\nSuites: trixie\n"
    )
    assert list(debian_archive.apt_entries(tmp_path)) == [
        debian_archive.AptEntry("http://mirror.example/debian", ("trixie", "trixie-updates"), None)
    ]


def test_the_package_is_the_one_that_was_known_when_this_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = runtimes.RELEASES["2.17"]
    assert isinstance(source, runtimes.NpmSource)
    fake_npm = tmp_path / "npm"
    fake_npm.write_text("#!/bin/sh\necho tampered > packed.tgz\n")
    fake_npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("SYMVER_PIN_RUNTIMES", str(tmp_path / "cache"))
    assert hashlib.sha256(b"tampered\n").hexdigest() in (runtimes.why_not("2.17") or "")
