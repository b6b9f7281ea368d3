"""Packages of the Python index as files, by pip: wheels that tests look into or install without a network."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from clients import run_client


def pip_download(requirements: Sequence[str], into: Path, options: Sequence[str] = ()) -> list[Path]:
    """Download `requirements` ("pyzmq==26.2.0"), with what they depend on unless `options` say otherwise; the files.

    Raises `NotServed` when the index does not have one of them today, and `Unavailable` when pip fails for another
    reason.
    """
    words = ("-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", str(into))
    failure = f"pip cannot download {' '.join(requirements)}"
    run_client([sys.executable, *words, *options, *requirements], failure, into)
    return sorted(into.iterdir())
