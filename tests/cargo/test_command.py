"""`symver-pin cargo`: what each of cargo's commands does under it, and what is proved of what it made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cargo.projects import Project
from conftest import RunOn217, need_tool, succeeded
from pinning import check_fits, run

NEW_LIBM = """
fn main() {
    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::copy(env!("NEW_LIBM"), format!("{out}/libfast.so")).unwrap();
    println!("cargo:rustc-link-search={out}");
    println!("cargo:rustc-link-lib=fast");
}
"""
"""A build script that links a copy of the build host's own libm, which no kit can know."""

POWER = """
extern "C" {
    fn pow(x: f64, y: f64) -> f64;
}

pub fn power() -> f64 {
    unsafe { pow(std::env::args().count() as f64, 3.0) }
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def host_libm() -> str:
    return run(["gcc", "-print-file-name=libm.so.6"]).stdout.strip()


def test_build_says_what_it_verified(project: Project, run_on_217: RunOn217) -> None:
    done = project.cargo("build")
    succeeded(done)
    assert done.stdout == ""
    assert "    Verified 1 file for glibc 2.17" in done.stderr
    check_fits(project.program())
    assert succeeded(run_on_217(project.program(), "a", "b")) == "plain 45 a,b\n"


def test_quiet_says_nothing(project: Project) -> None:
    done = project.cargo("build", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("words", [
    ("run", "--", "x", "--target", "y"), ("r", "x", "--target", "y"), ("-v", "run", "x", "--target", "y"),
])  # fmt: skip
def test_run_runs_the_program_with_its_own_words(project: Project, words: tuple[str, ...]) -> None:
    done = project.cargo(*words)
    assert succeeded(done) == "plain 45 x,--target,y\n"
    assert "Verified 1 file" in done.stderr


def test_run_gives_the_program_the_input_and_passes_its_status_on(tmp_path: Path) -> None:
    read = "let mut text = String::new(); std::io::stdin().read_line(&mut text).unwrap();"
    main = f"fn main() {{ {read} std::process::exit(text.trim().parse().unwrap()) }}"
    assert Project(tmp_path, main=main).cargo("run", input="7\n").returncode == 7


def test_test_runs_unit_tests_and_passes_the_harness_its_words(project: Project) -> None:
    assert "test adds ... ok" in succeeded(project.cargo("test"))
    assert "0 passed" in succeeded(project.cargo("test", "--", "--skip", "adds"))
    failing = project.write("src/main.rs", "fn main() {}\n#[test]\nfn fails() { panic!() }\n")
    assert project.cargo("test").returncode == 101 and failing.exists()


def test_documentation_tests_run(project: Project) -> None:
    project.write("src/lib.rs", "/// ```\n/// assert_eq!(small::two(), 2);\n/// ```\npub fn two() -> u32 { 2 }\n")
    assert "src/lib.rs - two" in succeeded(project.cargo("test", "--doc"))


def test_rustc_takes_flags_of_its_own(project: Project) -> None:
    succeeded(project.cargo("rustc", "--bin", "small", "--", "--cfg", "kept"))
    assert succeeded(run([project.program()])) == "kept 45 \n"


def test_install_verifies_what_it_installed(project: Project, tmp_path: Path, run_on_217: RunOn217) -> None:
    root = tmp_path / "root"
    done = project.cargo("install", "--path", ".", "--root", root)
    succeeded(done)
    assert "Verified 1 file" in done.stderr
    assert succeeded(run_on_217(root / "bin" / "small")) == "plain 45 \n"


@pytest.mark.parametrize("command", ["check", "clippy", "metadata", "--version"])
def test_every_other_command_is_left_to_cargo(project: Project, command: str) -> None:
    words = [*command.split(), *(["--format-version=1"] if command == "metadata" else [])]
    done = project.cargo(*words)
    succeeded(done)
    assert "Verified" not in done.stderr


def test_as_a_subcommand_of_cargo(project: Project) -> None:
    done = project.subcommand("symver-pin", "--glibc", "2.17", "build")
    succeeded(done)
    assert "Verified 1 file for glibc 2.17" in done.stderr
    assert "usage: symver-pin cargo" in succeeded(project.subcommand("symver-pin", "--help"))


@pytest.mark.parametrize("written", [("--target", "{}"), ("--target={}",)], ids=" ".join)
def test_a_target_may_carry_its_release(project: Project, written: tuple[str, ...]) -> None:
    words = [word.format("x86_64-unknown-linux-gnu.2.17") for word in written]
    done = project.cargo("build", *words, glibc="2.28")
    succeeded(done)
    assert "for glibc 2.17" in done.stderr
    check_fits(project.program(target="x86_64-unknown-linux-gnu"))


def test_a_target_with_its_release_in_the_environment(project: Project) -> None:
    done = project.cargo("build", env={"CARGO_BUILD_TARGET": "x86_64-unknown-linux-gnu.2.17"}, glibc="2.28")
    succeeded(done)
    assert "for glibc 2.17" in done.stderr


def test_one_target_for_two_releases_is_refused(project: Project) -> None:
    target = "x86_64-unknown-linux-gnu"
    done = project.cargo("build", "--target", f"{target}.2.17", "--target", f"{target}.2.28")
    assert done.returncode == 2 and "two glibc releases" in done.stderr


def test_another_release_links_again(project: Project) -> None:
    succeeded(project.cargo("build", glibc="2.36"))
    succeeded(project.cargo("build"))
    check_fits(project.program())


def test_the_users_own_name_of_a_command(project: Project) -> None:
    project.write(".cargo/config.toml", '[alias]\nship = "again --release"\nagain = ["build", "--quiet"]\n')
    succeeded(project.cargo("ship"))
    check_fits(project.program(profile="release"))


@pytest.mark.parametrize(("wanted", "seen"), [
    (None, "unused variable: `x`\n --> "),
    ("human", "unused variable: `x`\n --> "),
    ("short", "src/main.rs:1:17: warning"),
])  # fmt: skip
@pytest.mark.parametrize("command", ["build", "run", "test"])
def test_diagnostics_look_as_they_were_asked_for(tmp_path: Path, command: str, wanted: str | None, seen: str) -> None:
    project = Project(tmp_path, main="fn main() { let x = 1; }\n")
    done = project.cargo(command, *(["--message-format", wanted] if wanted else []))
    succeeded(done)
    assert done.stderr.count(seen) == 1, done.stderr
    assert '"reason"' not in done.stdout


@pytest.mark.parametrize("command", ["build", "run"])
def test_json_messages_are_there_for_who_asked(project: Project, command: str) -> None:
    said = succeeded(project.cargo(command, "--message-format=json")).splitlines()
    messages = [json.loads(line) for line in said if line.startswith("{")]
    assert [m["executable"] for m in messages if m["reason"] == "compiler-artifact"] == [str(project.program())]
    assert command == "build" or said[-1] == "plain 45 "


@pytest.mark.parametrize("command", ["build", "run", "test"])
def test_an_error_in_the_source_is_shown_once_with_cargos_status(tmp_path: Path, command: str) -> None:
    done = Project(tmp_path, main="fn main() { nonesuch() }\n").cargo(command)
    assert done.returncode == 101
    assert done.stderr.count("cannot find function `nonesuch`") == 1
    assert "Verified" not in done.stderr


@pytest.mark.parametrize("command", ["build", "run", "test", "install"])
def test_a_symbol_that_is_too_new_is_named_with_its_crate(tmp_path: Path, command: str) -> None:
    main = 'fn main() { println!("{}", powers::power()) }\n#[test]\nfn power() { assert_eq!(powers::power(), 8.0) }\n'
    project = Project(tmp_path / "app", name="app", main=main)
    with (project.folder / "Cargo.toml").open("a") as manifest:
        manifest.write('[dependencies]\npowers = { path = "../powers" }\n')
    powers = Project(tmp_path / "powers", name="powers")
    powers.write("src/main.rs", "fn main() {}\n")
    powers.write("src/lib.rs", POWER)
    powers.write("build.rs", NEW_LIBM)
    words = ("--path", ".", "--root", str(tmp_path / "root")) if command == "install" else ()
    done = project.cargo(command, *words, env={"NEW_LIBM": host_libm()})
    assert done.returncode == 1, done.stderr
    assert ": FAILS on glibc 2.17" in done.stderr
    assert "pow  since 2.29 in libm.so.6" in done.stderr
    assert "pow is used by powers 0.1.0" in done.stderr
    assert done.stdout == ""  # it was not run


def test_a_library_for_dlopen_is_verified(tmp_path: Path) -> None:
    project = Project(tmp_path, name="plugin")
    (tmp_path / "src/main.rs").unlink()
    with (tmp_path / "Cargo.toml").open("a") as manifest:
        manifest.write('[lib]\ncrate-type = ["cdylib", "staticlib"]\n')
    project.write("src/lib.rs", '#[no_mangle]\npub extern "C" fn answer() -> u32 { 42 }\n')
    done = project.cargo("build")
    succeeded(done)
    assert "Verified 1 file" in done.stderr
    check_fits(project.program("libplugin.so"))


def test_a_target_without_glibc_is_left_alone(project: Project) -> None:
    done = project.cargo("check", "--target", "wasm32-unknown-unknown", env={"RUSTC": shutil.which("false") or ""})
    assert "symver-pin" not in done.stderr


def test_a_target_without_tables_is_refused(project: Project) -> None:
    done = project.cargo("build", "--target", "sparc64-unknown-linux-gnu")
    assert done.returncode == 2 and "sparc64-unknown-linux-gnu" in done.stderr and done.stderr.count("\n") == 1


def test_static_libgcc_needs_no_libgcc_s(project: Project, run_on_217: RunOn217) -> None:
    main = 'fn main() { println!("{}", std::panic::catch_unwind(|| panic!("thrown")).is_err()) }\n'
    project.write("src/main.rs", main)
    readelf, nm = need_tool("readelf"), need_tool("nm")
    for options, wanted in (((), True), (("--static-libgcc",), False), ((), True)):
        succeeded(project.cargo(*options, "build"))
        assert ("libgcc_s.so.1" in run([readelf, "-d", project.program()]).stdout) == wanted
        # The static unwinder asks the compat object, which libgcc_s does not need.
        defined = {line.split()[-1] for line in run([nm, "--defined-only", project.program()]).stdout.splitlines()}
        assert ("_dl_find_object" in defined) == (not wanted)
        assert succeeded(run_on_217(project.program())) == "true\n"
