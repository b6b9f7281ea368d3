#!/usr/bin/env python3
"""Build the wheel of this checkout and install it by pip, pipx and uv; each time build and verify a program with it.

    python tools/install_ways.py             # all three, under the Python that runs this
    python tools/install_ways.py --ways uv

Everything happens in a folder that is removed again, with a home folder and caches in it. The tools pipx, uv, build and
twine are installed there by pip. ``twine check --strict`` reads the metadata of wheel and sdist. Exit status 0 when all
works, 1 when something does not, 3 when a registry does not serve a package.

Only the standard library is used. Needs a C compiler and Python's venv.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from clients import run_client
from unavailable import NotServed

ROOT = Path(__file__).resolve().parents[1]
WAYS = ("pip", "pipx", "uv")
PROGRAM = "int main(void) { return 0; }\n"


class FailedError(Exception):
    """A command failed; the text is the command and what it printed."""


def run(words: Sequence[str | Path], home: Path) -> str:
    """The output of a command with a home folder of its own. Raises FailedError."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    env |= {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_DATA_HOME": str(home / "data"),
        "PIPX_HOME": str(home / "pipx"),
        "PIPX_BIN_DIR": str(home / "bin"),
        "PIPX_MAN_DIR": str(home / "man"),
        "PIPX_DEFAULT_PYTHON": sys.executable,
        "UV_TOOL_DIR": str(home / "uv"),
        "UV_TOOL_BIN_DIR": str(home / "bin"),
    }
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, env=env, cwd=home)
    if done.returncode:
        raise FailedError(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")
    return done.stdout


def build(tools: Path, home: Path) -> Path:
    """The wheel. Its metadata, and the sdist's, are checked; the sdist gives the same wheel."""
    copied = home / "checkout"
    run(["git", "clone", "--quiet", ROOT, copied], home)
    run([tools / "python", "-m", "build", "--outdir", home / "dist", copied], home)
    run([tools / "twine", "check", "--strict", *sorted((home / "dist").iterdir())], home)
    return next((home / "dist").glob("*.whl"))


def install(way: str, wheel: Path, tools: Path, home: Path) -> Path:
    """Install the wheel; the path of the command."""
    if way == "pip":
        run([sys.executable, "-m", "venv", home / "venv"], home)
        run([home / "venv/bin/pip", "install", "--quiet", wheel], home)
        return home / "venv/bin/symver-pin"
    if way == "pipx":
        run([tools / "pipx", "install", wheel], home)
    else:
        run([tools / "uv", "tool", "install", "--python", sys.executable, wheel], home)
    return home / "bin/symver-pin"


def use(command: Path, home: Path) -> None:
    """Build and verify a program with the installed command, and find the man page. Raises FailedError."""
    (home / "program.c").write_text(PROGRAM)
    run([command, "cc", "--glibc", "2.17", home / "program.c", "-o", home / "program"], home)
    said = run([command, "verify", "--glibc", "2.17", home / "program"], home)
    if "ok on glibc 2.17" not in said:
        raise FailedError(said)
    folder = Path(os.path.realpath(command)).parent.parent
    if not (folder / "share/man/man1/symver-pin.1").is_file():
        raise FailedError(f"{folder}: no man page in share/man/man1")


def main() -> int:
    """Try the ways; returns the exit status."""
    parser = argparse.ArgumentParser(prog="install_ways.py", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, help="the tools that install")
    chosen = parser.parse_args().ways
    version = sys.version.partition(" ")[0]
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        tools = home / "tools/bin"
        try:
            run([sys.executable, "-m", "venv", home / "tools"], home)
            needed = ["build", "hatchling", "twine", *(way for way in chosen if way != "pip")]
            words = [str(tools / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *needed]
            run_client(words, "pip does not get the tools that install", home)
            wheel = build(tools, home)
            for way in chosen:
                started = time.monotonic()
                own = home / way
                own.mkdir()
                use(install(way, wheel, tools, own), own)
                print(
                    f"{way}: {wheel.name} installed and used under Python {version}, {time.monotonic() - started:.0f} s"
                )
        except NotServed as error:
            print(f"install_ways.py: not run: {error}", file=sys.stderr)
            return 3
        except FailedError as error:
            print(f"install_ways.py: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
