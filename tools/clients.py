"""Calls of package registry clients (apt-get, npm, pip, cargo): quiet, and retried, since registries fail for moments.

A registry that answers "404" for a package that it lists, or breaks off a download, often serves it a minute later or
from another of its machines.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from unavailable import NotServed, Unavailable

PAUSES = (2.0, 8.0)
"""Seconds to wait before the second and the third try."""

TIMEOUT = 900
"""Seconds after which one call of a client is given up."""

FETCH_FAILED = re.compile(r"Failed to fetch (?P<address>\S+)\s+(?P<answer>.*?)(?:\s*\[IP: [^\]]*\])?$")
"""apt's line about a file that it could not download."""

REGISTRY_FAILED = {
    "cargo": re.compile(
        "failed to (?:download|get|fetch|query)|[Uu]nable to update|could not download|spurious network error"
        "|no matching package|failed to select a version"
    ),
    "pip": re.compile(
        r"HTTP error \d+|[Cc]onnection|[Tt]imed? ?out|No matching distribution found|DO NOT MATCH THE HASHES"
        "|Could not find a version"
    ),
}
"""What a client's output says when a registry cannot be reached or does not have a package. Other failures of these
clients are faults of what they were called with (an unreadable lock file, a malformed requirement). Every failure of a
client that is not listed here counts as the registry's."""

MARKED = re.compile(r"E: |ERROR: |error: |npm (?:error|ERR!) (?!code )")
"""How a client's output marks the line that says why it failed."""


def run_client(command: Sequence[str], failure: str, directory: Path, *, pauses: Sequence[float] | None = None) -> str:
    """Run a client program in `directory` until it succeeds, at most once more than there are `pauses`; its stdout.

    `pauses` (default `PAUSES`) are the seconds to wait between tries. Raises `Unavailable` when the program is not
    installed or fails for a reason of its own, and `NotServed` when every try failed for the registry's sake: `failure`
    and what the program said.
    """
    client = "pip" if "pip" in command else command[0]
    if shutil.which(command[0]) is None:
        raise Unavailable(f"{failure}: {command[0]} is not installed")
    for pause in (*(PAUSES if pauses is None else pauses), None):
        try:
            done = subprocess.run(
                command,
                cwd=directory,
                capture_output=True,
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                timeout=TIMEOUT,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = str(error)
        else:
            if done.returncode == 0:
                return done.stdout
            reason = reason_of(done.stdout, done.stderr) or f"{command[0]} ended with exit status {done.returncode}"
            if not is_registry_failure(client, done.stdout + done.stderr):
                raise Unavailable(f"{failure}: {reason}")
        if pause is not None:
            time.sleep(pause)
    raise NotServed(f"{failure}: {reason}")


def is_registry_failure(client: str, output: str) -> bool:
    """True if the output of a failed `client` ("cargo") says that a registry did not serve something."""
    pattern = REGISTRY_FAILED.get(client)
    return pattern is None or pattern.search(output) is not None


def reason_of(stdout: str, stderr: str) -> str:
    """The line of a client's output that says why it failed; "" when it said nothing.

    apt marks its errors with "E:", pip with "ERROR:", cargo with "error:", npm with "npm error" behind a line with a
    code. Addresses are left out: a file that apt could not fetch is named without that of the mirror
    ("libc6_2.41-12_ppc64el.deb: 404 Not Found").
    """
    lines = [line.strip() for line in (stderr or stdout).splitlines() if line.strip()]
    marked = [line for line in lines if MARKED.match(line)]
    reason = (marked or lines[-1:] or [""])[0]
    fetch = FETCH_FAILED.search(reason)
    if fetch is not None:
        return f"{unquote(fetch['address'].rpartition('/')[2])}: {' '.join(fetch['answer'].split())}"
    return " ".join(re.sub(r"\w+://\S+ ?", "", MARKED.sub("", reason)).split())
