"""Read the files that a build made from cargo's JSON messages. Source: the Cargo Book, "JSON messages"."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from symver_pin.builds.references import Artifact

_LOADED = frozenset({"bin", "example", "test", "bench", "cdylib", "dylib", "lib", "rlib", "staticlib"})
"""Kinds of cargo targets that run on the target system. Build scripts and procedural macros run on the build host."""
_MESSAGE = '{"reason":'
_ARTIFACT = f'{_MESSAGE}"compiler-artifact",'


def json_format(requested: str | None) -> str:
    """The ``--message-format`` that prints JSON messages on stdout and diagnostics as in the ``requested`` format."""
    if requested is None or requested == "human":
        return "json-render-diagnostics"
    return "json-render-diagnostics,json-diagnostic-short" if requested == "short" else requested


def artifacts_in(lines: Iterable[str], echo: Callable[[str], object]) -> Iterator[Artifact]:
    """The artifacts in the lines of cargo's output. ``echo`` is called with each line that is not a JSON message."""
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
    """The name and version of a package, from its identifier.

    ``registry+URL#name@1.0``, ``path+file:///folder/name#1.0``, before cargo 1.77 ``name 1.0 (path+file:///...)``.
    """
    if package_id.endswith(")"):
        return " ".join(package_id.split()[:2])
    source, _, tail = package_id.rpartition("#")
    name, at, version = tail.partition("@")
    return f"{name} {version}" if at else f"{source.rpartition('/')[2] or target} {tail}"
