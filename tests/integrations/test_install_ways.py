"""The wheel by the tools that install programs; `make test-install` tries them in bare roots too."""

from __future__ import annotations

import os
import sys

import pytest

from conftest import REPO, succeeded
from pinning import run
from served import PACKAGES, served
from unavailable import NotServed

WAYS = ["pip", "pipx", "uv"]


@pytest.mark.skipif(os.environ.get("SYMVER_PIN_INSTALL") != "all", reason="long: make test-install")
def test_the_wheel_is_sound_and_installs_and_works() -> None:
    def install() -> str:
        done = run([sys.executable, REPO / "tools/install_ways.py", "--ways", *WAYS], timeout=900)
        if done.returncode == 3:
            raise NotServed(done.stderr.strip())
        return succeeded(done)

    said = served(PACKAGES, "pipx, uv, build, twine", install)
    assert [line.partition(":")[0] for line in said.splitlines()] == WAYS
