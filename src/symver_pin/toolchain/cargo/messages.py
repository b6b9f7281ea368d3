"""Cargo's JSON messages: what a build made, and where. Source: the Cargo Book, "JSON messages"."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

#: What the loader will see; a build script and a procedural macro stay on the build host.
_LOADED = frozenset({"bin", "example", "test", "bench", "cdylib", "dylib", "lib", "rlib", "staticlib"})
_MESSAGE = '{"reason":'
_ARTIFACT = f'{_MESSAGE}"compiler-artifact",'


class Artifact(NamedTuple):
    """One thing that cargo made, or found fresh."""

    crate: str
    """Package name and version, ``regex 1.11.1``."""
    programs: tuple[Path, ...]
    """Executables and shared libraries for the target."""
    archives: tuple[Path, ...]
    """Static libraries of Rust or C objects (.rlib, .a)."""


def json_format(wanted: str | None) -> str:
    """The ``--message-format`` with which diagnostics look as the user wants them and stdout has JSON messages."""
    if wanted is None or wanted == "human":
        return "json-render-diagnostics"
    return "json-render-diagnostics,json-diagnostic-short" if wanted == "short" else wanted


def artifacts_in(lines: Iterable[str], echo: Callable[[str], object]) -> Iterator[Artifact]:
    """The artifacts that cargo's output tells of; ``echo`` gets each line that is no message of cargo's."""
    for line in lines:
        if not line.startswith(_MESSAGE):
            echo(line)
        elif line.startswith(_ARTIFACT):
            artifact = _artifact(json.loads(line))
            if artifact is not None:
                yield artifact


def _artifact(message: dict[str, object]) -> Artifact | None:
    target, names, executable = message.get("target"), message.get("filenames"), message.get("executable")
    if not isinstance(target, dict) or not isinstance(names, list) or not _LOADED.issuperset(target["kind"]):
        return None
    files = [Path(str(name)) for name in names]
    programs = [Path(str(executable))] if executable else [path for path in files if path.suffix == ".so"]
    archives = [path for path in files if path.suffix in (".rlib", ".a")]
    return Artifact(_crate(str(message["package_id"]), str(target["name"])), tuple(programs), tuple(archives))


def _crate(package_id: str, target: str) -> str:
    """A package's name and version from its identifier.

    ``registry+URL#name@1.0``, ``path+file:///folder/name#1.0``, before cargo 1.77 ``name 1.0 (path+file:///...)``.
    """
    if package_id.endswith(")"):
        return " ".join(package_id.split()[:2])
    source, _, tail = package_id.rpartition("#")
    name, at, version = tail.partition("@")
    return f"{name} {version}" if at else f"{source.rpartition('/')[2] or target} {tail}"
