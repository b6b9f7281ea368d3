"""A kit links wherever it is moved or copied to, and a link fails when its kit is gone or not whole."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import RunOn217, need_tool, succeeded
from pinning import LINKERS, PROGRAMS, check_fits, run, symver_pin_command


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    """A kit of the test's own, which it may move and break."""
    folder = tmp_path / "made" / "kit"
    cache = tmp_path.parent / "moved-kit"  # made once for all tests of this folder's parent
    if not cache.exists():
        succeeded(symver_pin_command("kit", "--no-warn", "--glibc", "2.17", "--cc", "gcc", "-o", cache))
    folder.parent.mkdir()
    succeeded(run(["cp", "-a", cache, folder]))
    return folder


def links(driver: Path | str, *words: Path | str, folder: Path, env: dict[str, str] | None = None) -> None:
    """A wrapper gives a program that fits the target."""
    output = folder / "linked"
    output.unlink(missing_ok=True)
    succeeded(run([driver, PROGRAMS / "plain.c", "-lm", "-o", output, *words], env, cwd=folder))
    check_fits(output)


def renamed(kit: Path) -> Path:
    return kit.rename(kit.parent / "moved here")


def copied(kit: Path) -> Path:
    place = kit.parent / "copy"
    shutil.copytree(kit, place, symlinks=True)
    shutil.rmtree(kit)
    return place


def copied_without_links(kit: Path) -> Path:
    """As an archiver does that follows links."""
    place = kit.parent / "copy"
    succeeded(run(["cp", "-rL", kit, place]))
    shutil.rmtree(kit)
    return place


def through_a_tar(kit: Path) -> Path:
    place = kit.parent / "unpacked"
    place.mkdir()
    succeeded(run(["tar", "-C", kit.parent, "-cf", kit.parent / "kit.tar", kit.name]))
    shutil.rmtree(kit)
    succeeded(run(["tar", "-C", place, "-xf", kit.parent / "kit.tar"]))
    return place / kit.name


def linked(kit: Path) -> Path:
    place = kit.parent / "link"
    place.symlink_to(kit)
    return place


@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("move", [renamed, copied, copied_without_links, through_a_tar, linked])
def test_a_kit_links_at_another_place(
    kit: Path, tmp_path: Path, move: Callable[[Path], Path], linker: str, run_on_217: RunOn217
) -> None:
    place = move(kit)
    links(place / "bin/cc", f"-fuse-ld={linker}", folder=tmp_path)
    succeeded(run_on_217(tmp_path / "linked"))
    succeeded(run([place / "bin/c++", f"-fuse-ld={linker}", PROGRAMS / "matrix.cc", "-o", tmp_path / "cxx"]))
    check_fits(tmp_path / "cxx")
    links(place / "static-libgcc/cc", f"-fuse-ld={linker}", folder=tmp_path)


def test_a_wrapper_finds_its_kit_by_every_name(kit: Path, tmp_path: Path) -> None:
    place = renamed(kit)
    (tmp_path / "gcc").symlink_to(place / "bin/cc")
    (tmp_path / "tools").symlink_to(place / "bin")
    (tmp_path / "second").symlink_to(tmp_path / "gcc")
    for name in (tmp_path / "gcc", tmp_path / "second", tmp_path / "tools/cc", "./gcc", "tools/cc"):
        links(name, folder=tmp_path)
    for name, folder in (("bin/cc", place), ("./cc", place / "bin"), ("../bin/cc", place / "bin")):
        output = tmp_path / "from-there"
        succeeded(run([name, PROGRAMS / "plain.c", "-lm", "-o", output], cwd=folder))
        check_fits(output)
    for path in (place / "bin", tmp_path / "tools"):
        found = {"PATH": f"{path}{os.pathsep}{os.environ['PATH']}"}
        succeeded(run(["sh", "-c", 'cc "$1" -lm -o linked', "sh", PROGRAMS / "plain.c"], found, cwd=tmp_path))
        check_fits(tmp_path / "linked")


def test_a_kit_needs_no_python(kit: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "gcc", "g++", "as", "ld", "ld.bfd", "readlink", "tr", "grep", "sed", "sort", "mktemp", "rm"):
        (tools / name).symlink_to(need_tool(name))
    (tmp_path / "line.rsp").write_text("-lm\n")
    links(renamed(kit) / "bin/cc", "@line.rsp", folder=tmp_path, env={"PATH": str(tools)})


def test_a_folder_of_the_same_name_in_the_current_folder_is_not_searched(kit: Path, tmp_path: Path) -> None:
    decoy = tmp_path / "libm.so.6"
    decoy.write_text("no library")
    links(kit / "bin/cc", folder=tmp_path)


def test_a_wrapper_without_its_kit_says_so(kit: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone" / "bin"
    alone.mkdir(parents=True)
    shutil.copy(kit / "bin/cc", alone / "cc")
    done = run([alone / "cc", PROGRAMS / "plain.c", "-lm", "-o", tmp_path / "linked"])
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "symver-pin kit --glibc 2.17" in done.stderr
    assert not (tmp_path / "linked").exists()


PARTS = (
    "lib/libc.so",
    "lib/libm.so",
    "lib/libgcc_s.so",
    "lib/mold/libc.so",
    "lib/symver-pin-*/libc.so.6",
    "lib/symver-pin-*/libsymver_pin_compat.a",
    "static/libstdc++.so",
)


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"")], ids=["missing", "empty"])
def test_a_wrapper_refuses_a_kit_that_is_not_whole(
    kit: Path, tmp_path: Path, name: str, harm: Callable[[Path], object]
) -> None:
    (file,) = kit.glob(name)
    harm(file)
    done = run([kit / "bin/cc", PROGRAMS / "plain.c", "-lm", "-o", tmp_path / "linked"])
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert file.name in done.stderr and "symver-pin kit --glibc 2.17" in done.stderr
    assert not (tmp_path / "linked").exists()


def test_a_wrapper_names_a_compiler_that_is_gone(tmp_path: Path) -> None:
    compiler = tmp_path / "gcc"
    compiler.symlink_to(need_tool("gcc"))
    kit = tmp_path / "kit"
    succeeded(symver_pin_command("kit", "--glibc", "2.17", "--cc", compiler, "-o", kit))
    compiler.unlink()
    done = run([kit / "bin/cc", PROGRAMS / "plain.c", "-o", tmp_path / "linked"])
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert str(compiler) in done.stderr


@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("language", ["cc", "cxx"])
def test_flags_fail_when_their_kit_is_gone(tmp_path: Path, linker: str, language: str) -> None:
    need_tool(f"ld.{linker}" if linker != "mold" else "mold")
    cache = {"SYMVER_PIN_CACHE": str(tmp_path / "cache")}
    words = ("flags", language, "--glibc", "2.17", "--no-warn", "--linker", linker)
    flags = succeeded(symver_pin_command(*words, env=cache)).split()
    linked = tmp_path / "linked"
    line: list[Path | str] = ["gcc", f"-fuse-ld={linker}", *flags, PROGRAMS / "plain.c", "-lm", "-o", linked]
    succeeded(run(line))
    check_fits(linked)
    shutil.rmtree(tmp_path / "cache")
    linked.unlink()
    assert run(line).returncode != 0
    assert not linked.exists()


def test_flags_for_ld_fail_when_their_kit_is_gone(tmp_path: Path) -> None:
    cache = {"SYMVER_PIN_CACHE": str(tmp_path / "cache")}
    flags = succeeded(symver_pin_command("flags", "ld", "--glibc", "2.17", env=cache)).split()
    succeeded(run(["gcc", "-c", "-fPIC", PROGRAMS / "plain.c", "-o", tmp_path / "plain.o"]))
    line: list[Path | str] = ["ld", *flags, "-shared", tmp_path / "plain.o", "-lm", "-lc", "-o", tmp_path / "linked.so"]
    succeeded(run(line))
    shutil.rmtree(tmp_path / "cache")
    assert run(line).returncode != 0


def test_the_input_script_fails_when_its_kit_is_gone(tmp_path: Path) -> None:
    cache = {"SYMVER_PIN_CACHE": str(tmp_path / "cache")}
    script = tmp_path / "pin.ld"
    succeeded(symver_pin_command("gen", "--glibc", "2.17", "--format", "ld", "-o", script, env=cache))
    linked = tmp_path / "linked"
    line: list[Path | str] = ["gcc", PROGRAMS / "plain.c", script, "-Wl,--allow-shlib-undefined", "-o", linked]
    succeeded(run(line))
    check_fits(linked)
    shutil.rmtree(tmp_path / "cache")
    assert run(line).returncode != 0


def test_rustc_and_a_cargo_configuration_name_a_file_of_the_kit(tmp_path: Path) -> None:
    cache = {"SYMVER_PIN_CACHE": str(tmp_path / "cache")}
    flags = succeeded(symver_pin_command("rustflags", "--glibc", "2.17", env=cache)).split()
    config = succeeded(symver_pin_command("cargo-config", "--glibc", "2.17", env=cache))
    (linker,) = [word.removeprefix("-Clinker=") for word in flags]
    assert Path(linker).is_file() and f'linker = "{linker}"' in config
    (tmp_path / "main.rs").write_text("fn main() {}")
    shutil.rmtree(tmp_path / "cache")
    assert run([need_tool("rustc"), *flags, "main.rs"], cwd=tmp_path).returncode != 0


def changed(archive: Path) -> None:
    """Another content of the same size."""
    data = bytearray(archive.read_bytes())
    data[-1] ^= 1
    archive.write_bytes(data)


def truncated(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-100])


@pytest.mark.parametrize("harm", [Path.unlink, changed, truncated])
def test_a_damaged_kit_in_the_cache_is_made_again(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    cache = {"SYMVER_PIN_CACHE": str(tmp_path / "cache")}
    kit = Path(succeeded(symver_pin_command("kit", "--glibc", "2.17", env=cache)).strip())
    (archive,) = kit.glob("lib/symver-pin-*/libsymver_pin_compat.a")
    sound = archive.read_bytes()
    harm(archive)
    assert succeeded(symver_pin_command("kit", "--glibc", "2.17", env=cache)).strip() == str(kit)
    assert archive.read_bytes() == sound


def test_a_kit_is_made_again_when_the_headers_change(tmp_path: Path) -> None:
    headers = tmp_path / "include"
    headers.mkdir()
    features = headers / "features.h"
    text = "#include_next <features.h>\n#undef __GLIBC_MINOR__\n#define __GLIBC_MINOR__ {}\n"
    features.write_text(text.format(35))
    words = ("kit", "--glibc", "2.17", "--cc", f"gcc -isystem {headers}")
    cache = {"SYMVER_PIN_CACHE": str(tmp_path / "cache")}
    source = tmp_path / "random.c"
    source.write_text("int arc4random(void); int main(void) { return arc4random() == 0; }\n")  # 2.36
    kit = Path(succeeded(symver_pin_command(*words, env=cache)).strip())
    assert "undefined reference to `arc4random'" in run([kit / "bin/cc", source, "-o", tmp_path / "random"]).stderr
    features.write_text(text.format(36))
    assert Path(succeeded(symver_pin_command(*words, env=cache)).strip()) == kit
    succeeded(run([kit / "bin/cc", source, "-o", tmp_path / "random"]))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
@pytest.mark.parametrize("which", ["cache", "cache/kits", "kit"])
def test_a_cache_of_another_user_is_refused(tmp_path: Path, which: str) -> None:
    cache = {"SYMVER_PIN_CACHE": str(tmp_path / "cache")}
    kit = Path(succeeded(symver_pin_command("kit", "--glibc", "2.17", env=cache)).strip())
    folder = kit if which == "kit" else tmp_path / which
    os.chown(folder, 12345, 12345)
    refused(symver_pin_command("kit", "--glibc", "2.17", env=cache), folder, "12345")
    refused(symver_pin_command("cc", "--glibc", "2.17", PROGRAMS / "plain.c", env=cache), folder, "12345")


@pytest.mark.parametrize("which", ["cache", "cache/kits", "kit"])
def test_a_cache_that_others_can_write_is_refused(tmp_path: Path, which: str) -> None:
    cache = {"SYMVER_PIN_CACHE": str(tmp_path / "cache")}
    kit = Path(succeeded(symver_pin_command("kit", "--glibc", "2.17", env=cache)).strip())
    folder = kit if which == "kit" else tmp_path / which
    folder.chmod(0o777)
    refused(symver_pin_command("kit", "--glibc", "2.17", env=cache), folder, "777")
    folder.chmod(0o755)
    succeeded(symver_pin_command("kit", "--glibc", "2.17", env=cache))


def refused(done: subprocess.CompletedProcess[str], folder: Path, reason: str) -> None:
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert str(folder) in done.stderr and reason in done.stderr and "SYMVER_PIN_CACHE" in done.stderr


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o077])
def test_a_kit_can_be_written_by_its_owner_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    cache = tmp_path / "deep" / "cache"
    words = ("kit", "--glibc", "2.17")
    kit = Path(succeeded(symver_pin_command(*words, env={"SYMVER_PIN_CACHE": str(cache)}, umask=umask)).strip())
    modes = {path.lstat().st_mode & 0o777 for path in (cache, *cache.rglob("*")) if not path.is_symlink()}
    assert modes <= {0o755, 0o644, 0o755 & ~umask}
    assert (kit / "bin/cc").stat().st_mode & 0o777 == 0o755
