"""Debian packages: an ``ar`` archive with ``control.tar`` (what dpkg knows of the package) and ``data.tar`` (deb(5)).

What changes besides the files:

* Added libraries go to a folder of the package's own, ``usr/lib/PACKAGE``, as Debian's policy (10.2) says of libraries
  that only one package uses. A file of ``/bin`` or ``/lib`` gets them in ``lib/PACKAGE``: on a system whose ``/lib`` is
  a link to ``usr/lib`` and on one where it is none, ``$ORIGIN/../PACKAGE`` leads there.
* ``md5sums`` gets the digests of what changed or was added.
* ``Installed-Size`` grows, and in ``Depends`` and ``Pre-Depends`` the lower bound of libc6 becomes the target's.
  Runtime libraries of GCC that are shipped now are no dependencies any more. All others stay, with their bounds.

Version and name of the package stay as they are.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from symver_pin.archives.ar import MAGIC_SIZE, Header, member_headers
from symver_pin.errors import ArchiveError
from symver_pin.glibc.release import Release
from symver_pin.repairer.batch import Batch
from symver_pin.repairer.compat_library import SONAME
from symver_pin.repairer.packages.package import Contents, Package, repair_contents
from symver_pin.repairer.packages.tars import Tar

_CONTROL = "DEBIAN/"
"""The folder in which control files are named, as ``dpkg-deb --raw-extract`` unpacks them."""
_MERGED = frozenset({"bin", "sbin", "lib", "lib32", "lib64", "libx32"})
"""The folders of the root that are links into /usr on newer systems."""
_RELATION = re.compile(
    r"\s*(?P<package>[a-z0-9][a-z0-9+.-]*)(?::\w+)?\s*(?:\((?P<sign>[<>=]+)\s*(?P<version>[^)]*)\))?"
)
_RELEASE = re.compile(r"(?:\d+:)?(\d+)\.(\d+)")


class _Part(NamedTuple):
    """A member of the ``ar`` archive."""

    header: Header
    data: bytes


def open_deb(source: Path, destination: Path, batch: Batch, excluded: Callable[[str], bool]) -> Package:
    """Repair the files of a Debian package: see ``package.Open``."""
    raw = source.read_bytes()
    parts = list(_parts(raw, str(source)))
    signed = next((part.header.name for part in parts if part.header.name.startswith("_gpg")), None)
    if signed is not None:
        raise ArchiveError(f"{source}: is signed ({signed}); take the signature out, repair, and sign again")
    control, data = (_tar_of(parts, name, str(source)) for name in ("control.tar", "data.tar"))
    fields = bytes(control.files.get("control", b"")).decode("utf-8", "surrogateescape")
    package = _field(fields, "Package")
    if not package:
        raise ArchiveError(f"{source}: its control file names no package")
    folder = f"{package}/{_field(fields, 'Architecture')}" if _field(fields, "Multi-Arch") == "same" else package
    files = {**data.files, **{f"{_CONTROL}{name}": content for name, content in control.files.items()}}
    contents = _without_libraries_of_scripts(
        repair_contents(source, files, lambda name: _home(name, folder), batch, excluded)
    )
    if not contents.changed and not contents.added:
        return Package(source, destination, contents.files)
    grown = sum(len(content) - len(files.get(name, b"")) for name, content in _all_of(contents).items())
    shipped = {_debian_name(name.rpartition("/")[2]) for name in contents.added}
    new_fields, notes = new_control(fields, batch.settings.target.glibc, shipped, grown)

    def content() -> bytes:
        new = {name.removeprefix(_CONTROL): text for name, text in contents.changed.items() if _is_control(name)}
        new["control"] = new_fields.encode("utf-8", "surrogateescape")
        if "md5sums" in control.files:
            new["md5sums"] = _new_digests(bytes(control.files["md5sums"]), _all_of(contents))
        tars = {"control.tar": control.changed(new, {}), "data.tar": data.changed(contents.changed, contents.added)}
        return _join(raw[:MAGIC_SIZE], parts, tars, {"control.tar": control.suffix, "data.tar": data.suffix})

    return Package(source, destination, contents.with_notes(notes), content)


def _parts(raw: bytes, name: str) -> Iterator[_Part]:
    stream = io.BytesIO(raw)
    if stream.read(MAGIC_SIZE) != b"!<arch>\n" or raw[8:21] != b"debian-binary":
        raise ArchiveError(f"{name}: is no Debian package")
    for header in member_headers(stream, name):
        yield _Part(header, stream.read(header.size))


def _tar_of(parts: list[_Part], name: str, source: str) -> Tar:
    for part in parts:
        if part.header.name.rstrip("/").startswith(name):
            if len(part.data) < part.header.size:
                break
            return Tar(part.data, f"{source}: {name}")
    raise ArchiveError(f"{source}: no {name} member, or half of one; the Debian package is truncated or broken")


def _join(magic: bytes, parts: list[_Part], tars: Mapping[str, bytes], suffixes: Mapping[str, str]) -> bytes:
    """The ``ar`` archive with other tars, whose names say how they are compressed."""
    pieces = [magic]
    for header, old in parts:
        name = next((name for name in tars if header.name.startswith(name)), None)
        data = old if name is None else tars[name]
        raw = header.with_size(len(data))
        if name is not None:
            slash = "/" if header.name.endswith("/") else ""
            raw = f"{name}{suffixes[name]}{slash}".encode().ljust(16) + raw[16:]
        pieces += [raw, data, b"\n" * (len(data) % 2)]
    return b"".join(pieces)


def _is_control(name: str) -> bool:
    return name.startswith(_CONTROL)


def _home(name: str, folder: str) -> str:
    """The folder for the libraries that are added for a file: one for all files below a top folder."""
    parts = name.split("/")
    if _is_control(name) or parts[0] in _MERGED:
        return f"lib/{folder}"
    return f"{'/'.join(parts[:2])}" if parts[0] == "opt" and len(parts) > 2 else f"{parts[0]}/lib/{folder}"


def _without_libraries_of_scripts(contents: Contents) -> Contents:
    """Refuse a maintainer script that is a program and needs an added library: dpkg starts it when the package's files
    may not be there yet.
    """
    names = {name.rpartition("/")[2] for name in contents.added} | {SONAME}
    results, changed = list(contents.results), dict(contents.changed)
    for number, result in enumerate(results):
        name = result.member.path.partition("!/")[2]
        uses = any(d.version is not None and d.version.library in names for d in result.file.decisions)
        if _is_control(name) and result.file.status == "repaired" and uses:
            reason = "is a maintainer script, which runs before the libraries that it would need are installed"
            results[number] = result._replace(file=result.file._replace(status="refused", reason=reason))
            changed.pop(name, None)
    return contents._replace(results=results, changed=changed)


def _all_of(contents: Contents) -> dict[str, bytes]:
    """The changed and added files of ``data.tar``."""
    both = {**contents.changed, **contents.added}
    return {name: data for name, data in both.items() if not _is_control(name)}


def _field(fields: str, name: str) -> str:
    found = re.search(rf"(?im)^{re.escape(name)}:[ \t]*(.*)$", fields)
    return found[1].strip() if found else ""


def _debian_name(soname: str) -> str:
    """The package of a library, by Debian's policy (8.1): ``libgcc_s.so.1`` is in ``libgcc-s1``."""
    name, _dot, version = soname.replace("_", "-").lower().partition(".so.")
    return f"{name}{'-' if name[-1:].isdigit() else ''}{version}"


def new_control(fields: str, target: Release, shipped: set[str], grown: int) -> tuple[str, list[str]]:
    """The control file of the result, and notes on its dependencies."""
    notes: list[str] = []

    def depends(found: re.Match[str]) -> str:
        relations = [_new_relation(each, target, shipped, notes) for each in found[2].split(",")]
        kept = [each for each in relations if each]
        return f"{found[1]}{','.join(kept)}" if kept else ""

    def size(found: re.Match[str]) -> str:
        return f"{found[1]}{max(0, int(found[2]) + -(-grown // 1024))}"

    fields = re.sub(r"(?im)^((?:Pre-)?Depends:)((?:.*)(?:\n[ \t].*)*)\n?", lambda m: _line(depends(m)), fields)
    return re.sub(r"(?im)^(Installed-Size:[ \t]*)(\d+)", size, fields), notes


def _line(text: str) -> str:
    return f"{text}\n" if text else ""


def _new_relation(relation: str, target: Release, shipped: set[str], notes: list[str]) -> str:
    """One dependency of the result; "" for none. ``relation`` may name alternatives."""
    found = _RELATION.match(relation)
    if found is None:
        return relation
    if found["package"] in shipped:
        notes.append(f"no longer depends on {relation.strip()}")
        return ""
    release = _RELEASE.match(found["version"] or "")
    if found["package"] != "libc6" or found["sign"] not in (">=", ">>") or release is None:
        return relation
    if Release(int(release[1]), int(release[2])) <= target:
        return relation
    new = f"libc6 (>= {target})"
    notes.append(f"depends on {new} instead of {found[0].strip()}")
    start, end = found.span("package")[0], found.end()
    return f"{relation[:start]}{new}{relation[end:]}"


def _new_digests(text: bytes, content: Mapping[str, bytes]) -> bytes:
    """The content of ``md5sums`` with the digests of some files."""
    left = {name.encode("utf-8", "surrogateescape"): data for name, data in content.items()}
    lines = []
    for line in text.splitlines():
        name = line[34:]
        lines.append(_digest(name, left.pop(name)) if name in left else line)
    lines += [_digest(name, data) for name, data in left.items()]
    return b"\n".join([*lines, b""])


def _digest(name: bytes, data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).hexdigest().encode() + b"  " + name
