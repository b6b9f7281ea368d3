"""One npm package as a file: the registry holds more than JavaScript, toolchains and C sources among it.

`npm pack NAME@VERSION` downloads the package as it was published, runs none of its scripts and installs nothing. The
sha256 that each use of it states makes it the same bytes for everyone.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from rootrun import RuntimeUnavailable


def npm_pack(package: str, sha256: str, into: Path) -> Path:
    """Download `package` ("name@version") to the directory `into`; the .tgz. Raises `RuntimeUnavailable`."""
    if shutil.which("npm") is None:
        raise RuntimeUnavailable(f"npm is not installed, and {package} is an npm package; install npm")
    call(["npm", "pack", "--silent", package], f"npm could not fetch {package}", into)
    packed = next(into.glob("*.tgz"), None)
    if packed is None:
        raise RuntimeUnavailable(f"npm pack {package} ended well but left no .tgz file")
    digest = hashlib.sha256(packed.read_bytes()).hexdigest()
    if digest != sha256:
        raise RuntimeUnavailable(f"npm package {package} has sha256 {digest}, not {sha256}: not the one known here")
    return packed


def call(command: Sequence[str], failure: str, directory: Path) -> None:
    """Run a client program quietly in `directory`; its last words become the reason of a `RuntimeUnavailable`."""
    try:
        done = subprocess.run(
            command, cwd=directory, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RuntimeUnavailable(f"{failure}: {error}") from error
    if done.returncode != 0:
        # apt marks its reasons with E:, npm says them last
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"{command[0]} ended with {done.returncode}"]
        reason = next((line for line in lines if line.startswith("E: ")), lines[-1])
        raise RuntimeUnavailable(f"{failure}: {reason.strip()}")
