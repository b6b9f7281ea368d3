"""The set-up of a machine: what is missing is installed by apt, or named in one line; nothing is done twice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import set_up
from conftest import REPO, Completed, need_tool
from pinning import run
from served import uncount


def set_up_with(path: Path, *, root: bool = True) -> Completed:
    """`set_up.py demo` where PATH has only what the test put there."""
    code = f"import os, sys; sys.path.insert(0, {str(REPO / 'tools')!r}); sys.argv = ['set_up.py', 'demo']\n"
    code += f"os.geteuid = lambda: {0 if root else 1000}\n"
    code += "import set_up; sys.exit(set_up.main())"
    return run([sys.executable, "-c", code], {"PATH": str(path)})


def program(folder: Path, name: str, script: str = "exit 0") -> None:
    (folder / name).write_text(f"#!{need_tool('sh')}\n{script}\n")
    (folder / name).chmod(0o755)


def test_nothing_is_said_or_done_where_all_is_there() -> None:
    done = run([sys.executable, REPO / "tools/set_up.py", "demo"])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_root_one_line_names_what_to_install(tmp_path: Path) -> None:
    for name in ("cc", "c++", "npm", "bwrap"):
        program(tmp_path, name)
    program(tmp_path, "sudo", "exit 1")
    program(tmp_path, "apt-get", f"touch {tmp_path}/called")
    done = set_up_with(tmp_path, root=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert done.stderr.startswith("set_up.py: missing, and not installable from here: install cargo (Debian's names)")
    assert not (tmp_path / "called").exists()


def test_without_apt_too(tmp_path: Path) -> None:
    for name in ("cc", "c++"):
        program(tmp_path, name)
    done = set_up_with(tmp_path)
    assert done.returncode == 2 and "install cargo npm (Debian's names)" in done.stderr


@pytest.mark.parametrize("sudo", [False, True])
def test_what_is_missing_is_installed_by_apt(tmp_path: Path, sudo: bool) -> None:
    for name in ("cc", "c++", "bwrap", "npm"):
        program(tmp_path, name)
    for tool in ("env", "chmod", "touch", "true"):
        (tmp_path / tool).symlink_to(need_tool(tool))
    program(tmp_path, "sudo", 'shift; exec "$@"')
    program(tmp_path, "apt-cache", "echo '  Candidate: 1'")
    install = f"touch {tmp_path}/cargo; chmod +x {tmp_path}/cargo"
    program(tmp_path, "apt-get", f'echo "$@" >> {tmp_path}/calls; case "$*" in *install*) {install};; esac')
    done = set_up_with(tmp_path, root=not sudo)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("installing 1 packages: cargo\ninstalled in ")
    assert (tmp_path / "calls").read_text() == "-q update\n-q -y --no-install-recommends install cargo\n"


def test_a_failing_apt_is_said_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "apt-get", "echo 'E: Unable to locate package nonesuch' >&2; exit 100")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(set_up, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(set_up, "_as_root", list)
    with pytest.raises(set_up.SetUpError, match="apt-get cannot install nonesuch: Unable to locate package nonesuch"):
        set_up.install([set_up.program("nonesuch")])


def test_the_reason_of_the_first_try_is_not_hidden_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say = f"if [ -f {tmp_path}/again ]; then echo 'E: dpkg was interrupted' >&2; else echo 'E: disk full' >&2; fi"
    install = f"{say}; : > {tmp_path}/again; exit 100"
    program(tmp_path, "apt-get", f'case "$*" in *install*) {install};; esac')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(set_up, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(set_up, "_as_root", list)
    with pytest.raises(set_up.SetUpError, match=r"cannot install nonesuch: disk full; then: dpkg was interrupted$"):
        set_up.install([set_up.program("nonesuch")])


def test_of_two_names_the_one_that_this_debian_has_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "apt-cache", 'case "$2" in new) echo "  Candidate: 1";; *) echo "  Candidate: (none)";; esac')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert [set_up._known_name(names) for names in ("new|old", "gone|old", "old")] == ["new", "old", "old"]


def test_a_package_without_the_program_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "apt-get")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(set_up, "_as_root", list)
    with pytest.raises(set_up.SetUpError, match="is not found: some-package"):
        set_up.install([set_up.program("some-package", "no-such-program")])


def test_a_package_that_this_debian_release_does_not_have_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(tmp_path, "apt-cache", "echo '  Candidate: (none)'")
    failing = f"case $* in *install*) [ -f {tmp_path}/again ] || {{ : > {tmp_path}/again; exit 100; }};; esac"
    program(tmp_path, "apt-get", f'echo "$@" >> {tmp_path}/calls; {failing}')
    (tmp_path / "env").symlink_to(need_tool("env"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(set_up, "PAUSES", (0.0,))
    monkeypatch.setattr(set_up, "_as_root", list)
    set_up.install([set_up.program("nim")])
    assert "nim: this Debian release has no such package; tests that need it are not run\n" in capsys.readouterr().out
    calls = (tmp_path / "calls").read_text()
    assert calls.count("install") == 4 and "nim" not in calls, "two tries, each with --no-install-recommends"
    with pytest.raises(pytest.skip.Exception, match="not run, nim is not available: this Debian release has no such"):
        need_tool("nim")
    uncount()
