"""The real packages of packages.tsv, from the registries into the cache: a folder for each registry and set."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cache import kept_folder
from clients import run_client
from debian_archive import download_packages
from python_packages import pip_download
from served import PACKAGES, served
from unavailable import NotServed

_TABLE = Path(__file__).with_name("packages.tsv")
_SUITE = "bookworm"
_TAGS = [f"--platform={tag}_x86_64" for tag in ("manylinux_2_28", "manylinux_2_17", "manylinux2014")]
_WHEELS = ("--no-deps", "--only-binary=:all:", *_TAGS, "--python-version=3.11")
_LARGEST = 40 << 20


def names_of(chosen: str, registry: str) -> list[str]:
    """The packages of a set ("small", "all") from a registry ("pypi", "debian", "npm")."""
    rows = [line.split("\t") for line in _TABLE.read_text().splitlines() if not line.startswith("#")]
    return [name for row, place, name in rows if (row, place) == (chosen, registry)]


def small_packages() -> list[Path]:
    """Some thirty small packages; the test is not run when a registry refuses one of its kind."""
    found: list[Path] = []
    for registry in ("pypi", "debian", "npm"):
        folder = served(PACKAGES, f"small packages of {registry}", partial(_kept, "small", registry))
        found += sorted(path for path in folder.iterdir() if path.is_file())
    return found


def all_packages() -> list[Path]:
    """Five hundred packages, the small ones included; those that a registry does not have today are left out."""
    found = small_packages()
    for registry in ("pypi", "debian", "npm"):
        folder = served(PACKAGES, f"packages of {registry}", partial(_kept, "all", registry))
        found += sorted(path for path in folder.iterdir() if path.is_file())
    return found


def _kept(chosen: str, registry: str) -> Path:
    """The folder of a set, filled on first use. Raises NotServed when a package of the small set is not served."""
    names = names_of(chosen, registry)
    step = len(names) if chosen == "small" else 20

    def fill(folder: Path, scratch: Path) -> None:
        for group in (names[at : at + step] for at in range(0, len(names), step)):
            try:
                _download(registry, group, folder, scratch)
            except NotServed:
                if chosen == "small":
                    raise
                for name in group:
                    _download_if_served(registry, name, folder, scratch)
        for large in [path for path in folder.iterdir() if path.stat().st_size > _LARGEST]:
            large.unlink()

    digest = hashlib.sha256("\n".join(names).encode()).hexdigest()[:8]
    return kept_folder(f"fleet/{chosen}-{registry}-{digest}", fill)


def _download_if_served(registry: str, name: str, folder: Path, scratch: Path) -> None:
    try:
        _download(registry, [name], folder, scratch)
    except NotServed:
        return  # counted by the floor of the test


def _download(registry: str, names: list[str], folder: Path, scratch: Path) -> None:
    if registry == "pypi":
        pip_download(names, folder, _WHEELS)
    elif registry == "npm":
        for name in names:
            run_client(["npm", "pack", "--loglevel=error", name], f"npm could not fetch {name}", folder)
    else:
        for path in _debs(names, scratch):
            shutil.copy(path, folder / path.name)


def _debs(names: list[str], scratch: Path) -> Iterator[Path]:
    into = scratch / names[0]
    into.mkdir(exist_ok=True)
    yield from download_packages(_SUITE, names, into)
