"""`cargo-config` with files of the user's own, and `init` for cargo projects."""

from __future__ import annotations

from pathlib import Path

import pytest

from cargo.projects import Project
from conftest import Completed, RunOn217, succeeded
from pinning import Word, check_fits, run, symver_pin_command

TRIPLE = "x86_64-unknown-linux-gnu"

FILES = {
    "nothing of ours": """\
# the team's settings
[build]
jobs = 2  # the machine is small
rustflags = [
    "--cfg", "kept",  # asked for in the review
]

[alias]
xtask = "run --package xtask --"
""",
    "an empty file": "",
    "a target table with comments": """\
[target.x86_64-unknown-linux-gnu]
# why we run it so
runner = "env"   # spaced
rustflags = ["--cfg", "kept"]

[net]
retry = 3
""",
    "dotted keys": """\
target.x86_64-unknown-linux-gnu.rustflags = ["--cfg", "kept"] # dotted
env.TEAM = "core"
build.jobs = 2
""",
    "an inline table": """\
[target]
x86_64-unknown-linux-gnu = { runner = "env", rustflags = ["--cfg", "kept"] } # inline
""",
    "an environment table": """\
[env]
TEAM = { value = "core", force = true } # stays
CC_x86_64_unknown_linux_gnu = { value = "gcc", force = true }
[build]
rustflags = "--cfg kept"
""",
    "other targets": """\
[target.wasm32-unknown-unknown]
linker = "wasm-ld"

[target.'cfg(unix)']
rustflags = ["--cfg", "kept"]

[target.aarch64-unknown-linux-gnu]
linker = "aarch64-linux-gnu-gcc"
""",
    "Windows line ends": '[build]\r\njobs = 2\r\nrustflags = ["--cfg", "kept"]\r\n',
    "a linker of their own": f"""\
[target.{TRIPLE}]
linker = "clang" # faster here
rustflags = ["--cfg", "kept"]
""",
    "a linker among the flags": f"""\
[target.{TRIPLE}]
rustflags = [
    "--cfg", "kept",
    "-Clinker=clang", # faster here
]
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def config(project: Project, *words: Word) -> Completed:
    return symver_pin_command("cargo-config", "--glibc", "2.17", *words, cwd=project.folder)


@pytest.mark.parametrize("name", FILES)
def test_merging_keeps_the_users_file_and_pins(project: Project, name: str, run_on_217: RunOn217) -> None:
    file = project.write(".cargo/config.toml", "")
    file.write_bytes(FILES[name].encode())
    assert config(project, "--check").returncode == 1
    succeeded(config(project, "--merge"))
    merged = file.read_bytes()
    for line in FILES[name].encode().splitlines(keepends=True):
        if b"linker" not in line and b"CC_" not in line and b"inline" not in line:
            assert line in merged
    for comment in (b"# faster here", b"# inline", b"# stays", b"# dotted", b"# spaced"):
        assert (comment in merged) == (comment in FILES[name].encode())
    succeeded(config(project, "--merge"))
    assert file.read_bytes() == merged, "the second merge changed something"
    succeeded(config(project, "--check"))
    succeeded(run(["cargo", "build"], cwd=project.folder))
    check_fits(project.program())
    assert succeeded(run_on_217(project.program())).startswith("kept" if name != "an empty file" else "plain")


@pytest.mark.parametrize("name", ["a linker of their own", "a linker among the flags"])
def test_their_linker_becomes_the_kits_compiler(project: Project, name: str) -> None:
    file = project.write(".cargo/config.toml", FILES[name])
    succeeded(config(project, "--merge"))
    wrapper = next(word for word in file.read_text().replace('"', "=").split("=") if word.endswith("/bin/cc"))
    assert "clang" in Path(wrapper).read_text()


def test_merging_another_release_replaces_ours_only(project: Project) -> None:
    file = project.write(".cargo/config.toml", FILES["nothing of ours"])
    succeeded(symver_pin_command("cargo-config", "--glibc", "2.28", "--merge", cwd=project.folder))
    first = file.read_text()
    assert config(project, "--check").returncode == 1
    succeeded(config(project, "--merge"))
    changed = [line for line in file.read_text().splitlines() if line not in first.splitlines()]
    assert len(changed) == 3 and all("x86_64-2.17" in line for line in changed)


def test_checking_says_what_differs_and_writes_nothing(project: Project) -> None:
    done = config(project, "--check")
    assert done.returncode == 1 and f"target.{TRIPLE}.linker is not" in done.stderr
    assert not (project.folder / ".cargo").exists()


def test_a_new_file_is_the_printed_one(project: Project) -> None:
    succeeded(config(project, "--merge"))
    assert (project.folder / ".cargo/config.toml").read_text() == succeeded(config(project))
    succeeded(config(project, "--check"))


def test_a_file_may_be_named(project: Project) -> None:
    succeeded(config(project, "--merge", "ci/pinned.toml"))
    succeeded(run(["cargo", "--config", "ci/pinned.toml", "build"], cwd=project.folder))
    check_fits(project.program())


def test_several_targets(project: Project) -> None:
    text = succeeded(config(project, "--target", TRIPLE, "--target", "aarch64-unknown-linux-gnu.2.28"))
    assert f"[target.{TRIPLE}]" in text and "[target.aarch64-unknown-linux-gnu]" in text and "aarch64-2.28" in text
    assert "CC_aarch64_unknown_linux_gnu" in text


@pytest.mark.parametrize(("text", "said"), [
    ("[build\n", "line 1"), ('target = "x"\n', "target"), ("[env]\nenv = 1\n[env]\n", "env"), ("env = []\n", "env"),
])  # fmt: skip
def test_a_broken_file_is_one_line_and_stays(project: Project, text: str, said: str) -> None:
    file = project.write(".cargo/config.toml", text)
    done = config(project, "--merge")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert said in done.stderr and file.read_text() == text


def test_a_target_without_glibc_is_refused(project: Project) -> None:
    done = config(project, "--target", "wasm32-unknown-unknown")
    assert done.returncode == 2 and "wasm32-unknown-unknown" in done.stderr


INIT = ("init", "--ci", "--install-from", "symver-pin")


def test_a_project_set_up_by_init_builds_pinned(project: Project, run_on_217: RunOn217) -> None:
    init = (*INIT, "--glibc", "2.17")
    said = succeeded(symver_pin_command(*init, cwd=project.folder)).splitlines()
    assert said == [".cargo/config.toml", ".github/workflows/symver-pin.yml"]
    done = project.subcommand("pinned-build", "--release")
    succeeded(done)
    assert "Verified 1 file for glibc 2.17" in done.stderr
    assert succeeded(run_on_217(project.program(profile="release"))) == "plain 45 \n"
    assert succeeded(symver_pin_command(*init, cwd=project.folder)) == "", "a second time there is nothing to write"


def test_init_keeps_what_is_there(project: Project) -> None:
    file = project.write(".cargo/config.toml", FILES["nothing of ours"])
    succeeded(symver_pin_command(*INIT, "--glibc", "rhel7", project.folder))
    assert set(FILES["nothing of ours"].splitlines()) <= set(file.read_text().splitlines())
    assert 'pinned-build = ["symver-pin", "--glibc", "rhel7", "build"]' in file.read_text()


def test_init_writes_nothing_beside_a_broken_configuration(project: Project) -> None:
    project.write(".cargo/config.toml", "[alias\n")
    done = symver_pin_command(*INIT, project.folder)
    assert done.returncode == 2 and "correct the file first" in done.stderr
    assert not (project.folder / ".github").exists()
