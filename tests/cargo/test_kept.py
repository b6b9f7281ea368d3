"""What the user has set for rustc, cargo and the linker is kept: the program says so, or the user's own linker does."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cargo.projects import Project
from conftest import RunOn217, need_tool, succeeded
from pinning import check_fits, run, symver_pin_command

TRIPLE = "x86_64-unknown-linux-gnu"

FLAG_PLACES: dict[str, tuple[dict[str, str], str]] = {
    "RUSTFLAGS": ({"RUSTFLAGS": "--cfg kept {}"}, ""),
    "CARGO_ENCODED_RUSTFLAGS": ({"CARGO_ENCODED_RUSTFLAGS": "--cfg\x1fkept\x1f{}"}, ""),
    "CARGO_TARGET_RUSTFLAGS": ({"CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS": "--cfg kept {}"}, ""),
    "CARGO_BUILD_RUSTFLAGS": ({"CARGO_BUILD_RUSTFLAGS": "--cfg kept {}"}, ""),
    "target": ({}, f'[target.{TRIPLE}]\nrustflags = ["--cfg", "kept", "{{}}"]\n'),
    "target as text": ({}, f'target.{TRIPLE}.rustflags = "--cfg kept {{}}"\n'),
    "target cfg": ({}, """[target.'cfg(all(unix, not(windows)))']\nrustflags = ["--cfg", "kept", "{}"]\n"""),
    "build": ({}, '[build]\nrustflags = ["--cfg", "kept", "{}"]\n'),
    "target before build": (
        {}, f'[build]\nrustflags = ["--cfg", "other"]\n[target.{TRIPLE}]\nrustflags = ["--cfg", "kept", "{{}}"]\n',
    ),
}  # fmt: skip
"""Where flags for rustc may stand: environment and configuration; one more flag goes where the braces are."""

LINKER_PLACES: dict[str, tuple[dict[str, str], str, tuple[str, ...]]] = {
    "CARGO_TARGET_LINKER": ({"CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER": "{}"}, "", ()),
    "target": ({}, f'[target.{TRIPLE}]\nlinker = "{{}}"\n', ()),
    "target, relative": ({}, f'[target.{TRIPLE}]\nlinker = "mine/clang"\n', ()),
    "target cfg": ({}, '[target.\'cfg(target_os = "linux")\']\nlinker = "{}"\n', ()),
    "--config": ({}, "", ("--config", f"target.{TRIPLE}.linker='{{}}'")),
    "--config FILE": ({}, f'[target.{TRIPLE}]\nlinker = "{{}}"\n', ("--config", ".cargo/config.toml")),
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


@pytest.fixture
def linker(project: Project) -> Path:
    """A linker of the user's: clang, with a note of each link."""
    note = f'case "$*" in *\\ -o\\ *) echo "$*" >> {project.folder}/links ;; esac'
    path = project.write("mine/clang", f'#!/bin/sh\n{note}\nexec {need_tool("clang")} "$@"\n')
    path.chmod(0o755)
    return path


def configure(project: Project, environment: dict[str, str], config: str, value: str) -> dict[str, str]:
    """Write the configuration and give the environment, both with `value` where their braces are."""
    if config:
        project.write(".cargo/config.toml", config.replace("{}", value))
    return {name: text.replace("{}", value) for name, text in environment.items()}


@pytest.mark.parametrize("target", [(), ("--target", TRIPLE)], ids=["host", "target"])
@pytest.mark.parametrize(("environment", "config"), FLAG_PLACES.values(), ids=FLAG_PLACES)
def test_flags_for_rustc(
    project: Project, environment: dict[str, str], config: str, target: tuple[str, ...], run_on_217: RunOn217
) -> None:
    env = configure(project, environment, config, "-Cdebuginfo=1")
    succeeded(project.cargo("build", *target, env=env))
    program = project.program(target=target[1] if target else "")
    check_fits(program)
    assert succeeded(run_on_217(program)).startswith("kept")


@pytest.mark.parametrize(("environment", "config"), FLAG_PLACES.values(), ids=FLAG_PLACES)
def test_a_linker_among_flags_for_rustc(
    project: Project, linker: Path, environment: dict[str, str], config: str, run_on_217: RunOn217
) -> None:
    env = configure(project, environment, config, f"-Clinker={linker}")
    succeeded(project.cargo("build", env=env))
    check_fits(project.program())
    assert succeeded(run_on_217(project.program())).startswith("kept")
    assert (project.folder / "links").exists(), "the user's linker was not used"


@pytest.mark.parametrize(("environment", "config", "words"), LINKER_PLACES.values(), ids=LINKER_PLACES)
def test_a_linker_of_the_users(
    project: Project,
    linker: Path,
    environment: dict[str, str],
    config: str,
    words: tuple[str, ...],
    run_on_217: RunOn217,
) -> None:
    env = configure(project, environment, config, str(linker))
    succeeded(project.cargo(*(word.replace("{}", str(linker)) for word in words), "build", env=env))
    check_fits(project.program())
    succeeded(run_on_217(project.program()))
    assert (project.folder / "links").exists(), "the user's linker was not used"


def test_our_own_option_wins_over_the_users_linker(project: Project, linker: Path) -> None:
    project.write(".cargo/config.toml", f'[target.{TRIPLE}]\nlinker = "{linker}"\n')
    succeeded(project.cargo("--cc", "gcc", "build"))
    assert not (project.folder / "links").exists()


def test_a_configuration_made_for_another_release_gives_its_compiler(project: Project, linker: Path) -> None:
    config = ("cargo-config", "--glibc", "2.28", "--cc", str(linker))
    project.write(".cargo/config.toml", succeeded(symver_pin_command(*config)))
    succeeded(project.cargo("build"))
    check_fits(project.program())
    assert (project.folder / "links").exists()


def test_the_configuration_of_a_folder_above(project: Project, run_on_217: RunOn217) -> None:
    above = project.folder.parent / ".cargo" / "config.toml"
    above.parent.mkdir()
    above.write_text(f'[build]\nrustflags = ["--cfg", "kept"]\ntarget = "{TRIPLE}"\ntarget-dir = "elsewhere"\n')
    succeeded(project.cargo("build"))
    assert succeeded(run_on_217(above.parent.parent / "elsewhere" / TRIPLE / "debug" / "small")).startswith("kept")


@pytest.mark.parametrize("words", [("-Zunstable-options", "-C", "{}", "build"), ("build", "-Z", "unstable-options")])
def test_unstable_flags(project: Project, words: tuple[str, ...]) -> None:
    project.write(".cargo/config.toml", '[build]\nrustflags = ["--cfg", "kept"]\n')
    folder = project.folder.parent if "-C" in words else project.folder
    told = [word.replace("{}", str(project.folder)) for word in words]
    unstable = {"RUSTC_BOOTSTRAP": "1"}
    done = symver_pin_command("cargo", "--glibc", "2.17", *told, env=unstable, cwd=folder)
    if "-C" in words and run(["cargo", *told[:-1], "--version"], unstable).returncode != 0:  # cargo 1.63 has no -C
        assert done.returncode == 2 and "'-C'" in done.stderr
        return
    succeeded(done)
    assert succeeded(run([project.program()])).startswith("kept")


WORKSPACE = {
    "Cargo.toml": '[workspace]\nmembers = ["app", "macros", "plugin"]\nresolver = "2"\n',
    "app/Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n'
    '[dependencies]\nmacros = { path = "../macros" }\n[[bin]]\nname = "first"\npath = "src/first.rs"\n'
    '[[bin]]\nname = "second"\npath = "src/second.rs"\n',
    "app/build.rs": "fn main() {\n  let n = std::thread::spawn(|| 6 * 7).join().unwrap();\n"
    '  println!("cargo:rustc-env=ANSWER={n}");\n}\n',
    "app/src/first.rs": 'fn main() { println!("{} {}", macros::text!(), env!("ANSWER")) }\n',
    "app/src/second.rs": 'fn main() { println!("second") }\n',
    "macros/Cargo.toml": '[package]\nname = "macros"\nversion = "0.1.0"\nedition = "2021"\n[lib]\nproc-macro = true\n',
    "macros/src/lib.rs": "use proc_macro::TokenStream;\n#[proc_macro]\npub fn text(_: TokenStream) -> TokenStream {\n"
    '  std::thread::spawn(|| "\\"from a macro\\"".to_string()).join().unwrap().parse().unwrap()\n}\n'
    "#[test]\nfn runs_here() {}\n",
    "plugin/Cargo.toml": '[package]\nname = "plugin"\nversion = "0.1.0"\nedition = "2021"\n'
    '[lib]\ncrate-type = ["cdylib"]\n',
    "plugin/src/lib.rs": '#[no_mangle]\npub extern "C" fn answer() -> u32 { 42 }\n',
}
"""Two programs, a build script, a procedural macro and a shared library."""


@pytest.mark.parametrize("target", [(), ("--target", TRIPLE)], ids=["host", "target"])
def test_a_workspace_with_a_build_script_and_a_macro(
    project: Project, target: tuple[str, ...], run_on_217: RunOn217
) -> None:
    for name, text in WORKSPACE.items():
        project.write(name, text)
    out = project.folder / "out"
    done = project.cargo("build", "--workspace", "--release", "--target-dir", out, *target)
    succeeded(done)
    assert "Verified 3 files" in done.stderr
    assert succeeded(run_on_217(out / (target[1] if target else "") / "release" / "first")) == "from a macro 42\n"
    tested = succeeded(project.cargo("test", "--workspace", "--target-dir", out, *target))
    assert "test runs_here ... ok" in tested


@pytest.fixture
def sccache(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment in which cargo and cc-rs go through an sccache of the test's own."""
    env = {"SCCACHE_DIR": str(tmp_path / "cache"), "SCCACHE_SERVER_PORT": str(20000 + os.getpid() % 20000)}
    program = need_tool("sccache")
    succeeded(run([program, "--start-server"], env))
    yield {**env, "RUSTC_WRAPPER": program, "CC": f"{program} gcc"}
    succeeded(run([program, "--stop-server"], env))


def test_sccache(project: Project, sccache: dict[str, str], run_on_217: RunOn217) -> None:
    project.write("src/lib.rs", "pub fn one() -> u32 { 1 }\n")
    seen = 'std::env::var("CC_x86_64_unknown_linux_gnu").unwrap()'
    project.write("build.rs", f'fn main() {{ println!("cargo:rustc-env=CC_SEEN={{}}", {seen}) }}\n')
    project.write("src/main.rs", 'fn main() { println!("{} {}", small::one(), env!("CC_SEEN")) }\n')
    succeeded(project.cargo("build", env=sccache))
    said = succeeded(run_on_217(project.program())).split()
    assert said[0] == "1" and said[1].endswith("sccache") and said[2].endswith("/bin/cc") and "kits" in said[2]
    assert "Compile requests executed" in succeeded(run(["sccache", "--show-stats"], sccache))


@pytest.mark.parametrize("linker", ["", "cc", "gcc", "x86_64-linux-gnu-gcc", "clang"])
@pytest.mark.parametrize("options", [(), ("--static-libgcc",)], ids=["shared libgcc", "static libgcc"])
def test_rustc_chooses_the_same_ld_as_without_the_kit(options: tuple[str, ...], linker: str, tmp_path: Path) -> None:
    """rustc adds -fuse-ld=lld (x86-64, from 1.90 on) unless the linker is called gcc or clang."""
    env = {"CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER": need_tool(linker)} if linker else {}
    project = Project(tmp_path)
    words = ("rustc", "--", "--print", "link-args")
    plain = run(["cargo", *words], env, cwd=tmp_path)
    succeeded(run(["cargo", "clean"], cwd=tmp_path))
    pinned = project.cargo(*options, *words, env=env)
    asked = [set(re.findall(r"-fuse-ld=\w+", succeeded(done))) for done in (plain, pinned)]
    assert asked[0] == asked[1]
