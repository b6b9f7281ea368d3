"""Tests find the same surroundings whatever a run was started from."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from conftest import REPO
from pinning import run

SAY = f"""
import os, signal, sys, tempfile
sys.path[:0] = [{str(REPO / "tools")!r}, {str(REPO / "tests")!r}]
import surroundings
surroundings.settle()
ignored = sorted(s.name for s in signal.valid_signals() if isinstance(s, signal.Signals)
                 and signal.getsignal(s) == signal.SIG_IGN)
mask = os.umask(0)
print(ignored, [*signal.pthread_sigmask(signal.SIG_BLOCK, [])], oct(mask), tempfile.gettempdir())
print(sorted(os.environ.items()))
print(os.path.isdir(os.environ["HOME"]), os.environ["HOME"])
"""

START = """
import os, signal, subprocess, sys
for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD, signal.SIGALRM):
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
os.umask(0o077)
os.execv(sys.executable, [sys.executable, "-c", sys.argv[1]])
"""


def said(environment: dict[str, str]) -> list[str]:
    """What a process says of its surroundings after it has settled them, started in the worst ones."""
    kept = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "SYMVER_PIN_RUNTIMES": "/runtimes"}
    command = [sys.executable, "-c", START, SAY]
    done = subprocess.run(command, env={**kept, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_signals_umask_and_environment_are_the_same_everywhere(tmp_path: Path) -> None:
    odd = tmp_path / "a blank"
    odd.mkdir()
    first, environment, home = said(
        {
            "XDG_CACHE_HOME": "/x",
            "TMPDIR": str(odd),
            "LANG": "C",
            "TZ": "Asia/Tokyo",
            "SYMVER_PIN_GLIBC": "2.30",
            "RUSTFLAGS": "-Cnonsense",
            "CFLAGS": "-nonsense",
            "LD_BIND_NOW": "1",
            "NO_COLOR": "1",
        }
    )
    plain, plain_environment, plain_home = said({})
    assert first == plain == "['SIGPIPE', 'SIGXFSZ'] [] 0o22 /tmp"

    def without_home(text: str, of_run: str) -> str:
        return text.replace(of_run.split()[1], "HOME")

    assert without_home(environment, home) == without_home(plain_environment, plain_home)
    assert home.startswith("True /tmp/") and not Path(home.split()[1]).exists()
    for name in ("XDG_CACHE_HOME", "RUSTFLAGS", "CFLAGS", "LD_BIND_NOW", "NO_COLOR", "SYMVER_PIN_GLIBC"):
        assert f"'{name}'" not in environment


def test_what_leads_to_the_registries_is_kept() -> None:
    (_, environment, _) = said({"PIP_INDEX_URL": "x", "https_proxy": "y", "npm_config_registry": "z"})
    for name in ("PIP_INDEX_URL", "https_proxy", "npm_config_registry", "CARGO_HOME", "NPM_CONFIG_USERCONFIG"):
        assert f"'{name}'" in environment


def test_an_interrupt_still_ends_a_run() -> None:
    code = f"import signal, sys; sys.path[:0] = [{str(REPO / 'tools')!r}, {str(REPO / 'tests')!r}]\n"
    code += "import surroundings; signal.signal(signal.SIGINT, signal.SIG_IGN); surroundings.settle()\n"
    code += "signal.raise_signal(signal.SIGINT)"
    done = run([sys.executable, "-c", code])
    assert done.returncode == -signal.SIGINT and "KeyboardInterrupt" in done.stderr
