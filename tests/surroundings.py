"""The surroundings of a test run, made the same wherever it is started: by hand, under nohup, by a CI runner.

A test that depends on something of its process sets it itself; this is for what nearly all of them depend on. Called
once by `conftest.py`, in each worker process, before anything else.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import signal
import tempfile
from pathlib import Path

import cache

KEPT = frozenset({"PATH", "USER", "LOGNAME", "SHELL", "CI", "PY_COLORS", "VIRTUAL_ENV"})
"""Variables of no effect on what is tested, or without which no tool is found."""

KEPT_PREFIXES = (
    "PYTEST_", "COV_", "COVERAGE_", "SYMVER_PIN_ARCHES", "SYMVER_PIN_CRATES", "SYMVER_PIN_FLEET",
    "SYMVER_PIN_INSTALL", "SYMVER_PIN_REPAIR", "SYMVER_PIN_RUNTIMES", "SYMVER_PIN_WORLD",
    "PYTHONDONTWRITEBYTECODE", "PYENV_",
    "PIP_", "NPM_CONFIG_", "NODE_EXTRA_CA_CERTS", "RUSTUP_", "CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_SOURCE_",
    "CARGO_REGISTRIES_", "CARGO_REGISTRY_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_", "GIT_SSL_",
    "REQUESTS_CA_BUNDLE", "GOPROXY", "GOSUMDB", "GONOSUMDB", "CURL_CA_BUNDLE", "OPENBLAS_",
)  # fmt: skip
"""Variables by which the clients of package registries find them, and the test run's own; in any case of letters."""

HOME_OF_RUN = "SYMVER_PIN_TEST_HOME"
"""The variable that hands the run's HOME to its worker processes."""

PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")
"""A path that any tool bears unquoted. Tests of paths that are not so make one themselves."""


def settle() -> None:
    """Set the environment, signals, umask and the folder of temporary files of this process."""
    _settle_environment()
    _settle_signals()
    os.umask(0o022)


def _settle_environment() -> None:
    """Leave only what tools and registry clients need, and give the rest its usual value.

    HOME is an empty folder, so that no configuration or cache of the user's decides a test; the clients keep their own.
    """
    home = Path.home()
    clients = {
        "CARGO_HOME": str(home / ".cargo"),
        "RUSTUP_HOME": str(home / ".rustup"),
        "NPM_CONFIG_USERCONFIG": str(home / ".npmrc"),
        "NPM_CONFIG_CACHE": str(home / ".npm"),
        "PIP_CONFIG_FILE": _pip_config(home),
        "PIP_CACHE_DIR": str(home / ".cache/pip"),
        "SYMVER_PIN_RUNTIMES": str(cache.cache_dir()),
    }
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.upper().startswith(KEPT_PREFIXES)}
    folder = _temporary_folder()
    own_home = os.environ.get(HOME_OF_RUN)
    if own_home is None:  # the first process of a run makes it, its worker processes inherit it
        own_home = tempfile.mkdtemp(prefix="symver-pin-home-", dir=folder)
        atexit.register(shutil.rmtree, own_home, ignore_errors=True)
    os.environ.clear()
    os.environ.update({name: value for name, value in clients.items() if value})
    os.environ.update(kept)
    os.environ.update({"HOME": own_home, HOME_OF_RUN: own_home, "TMPDIR": folder})
    os.environ.update({"LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "xterm"})
    tempfile.tempdir = folder


def _settle_signals() -> None:
    """Give every signal its default action and block none.

    nohup ignores SIGHUP, shells ignore SIGINT of what they start in the background, and ignored signals stay ignored in
    all that tests start. Python itself handles SIGINT, and ignores SIGPIPE and SIGXFSZ in its own process only.
    """
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, signal.SIGXFSZ}:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def _temporary_folder() -> str:
    """The folder of temporary files, unless its name is one that not every tool bears."""
    folder = tempfile.gettempdir()
    return folder if PLAIN_PATH.fullmatch(folder) else "/tmp"


def _pip_config(home: Path) -> str:
    """The user's pip configuration, which pip would look for in HOME; "" when there is none."""
    places = (Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip/pip.conf", home / ".pip/pip.conf")
    return next((str(path) for path in places if path.is_file()), "")
