"""The real loaders that verdicts are compared with."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import need_root

#: With the rule on link-time references (2.17), without it (2.31), with libpthread in libc (2.36, 2.41).
RELEASES = ("2.17", "2.31", "2.36", "2.41")


@pytest.fixture(scope="session")
def roots() -> dict[str, Path]:
    """Release -> the root with its real glibc."""
    return {release: need_root(release) for release in RELEASES}
