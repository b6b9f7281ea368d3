"""One npm package as a file: the registry holds more than JavaScript, toolchains and C sources among it.

`npm pack NAME@VERSION` downloads the package as it was published, runs none of its scripts and installs nothing. The
sha256 that each use of it states makes it the same bytes for everyone.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from clients import run_client
from unavailable import NotServed, Unavailable


def npm_pack(package: str, sha256: str, into: Path) -> Path:
    """Download `package` ("name@version") to the directory `into`; the .tgz.

    When the registry does not serve it, npm's own cache on this machine is asked (`npm pack --offline`). Raises
    `NotServed` when that has no copy either, `Unavailable` when npm is missing or the file has another sha256.
    """
    failure = f"npm could not fetch {package}"
    pack = ["npm", "pack", "--loglevel=error"]
    try:
        run_client([*pack, package], failure, into)
    except NotServed as refusal:
        try:
            run_client([*pack, "--offline", package], failure, into, pauses=())
        except NotServed:
            raise refusal from None
    packed = next(into.glob("*.tgz"), None)
    if packed is None:
        raise Unavailable(f"npm pack {package} ended well but left no .tgz file")
    digest = hashlib.sha256(packed.read_bytes()).hexdigest()
    if digest != sha256:
        raise Unavailable(f"npm package {package} has sha256 {digest}, not {sha256}: not the one known here")
    return packed
