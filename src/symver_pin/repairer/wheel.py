"""Wheels: repair the files in one as a set, and write it again with an honest tag.

The compat library and runtime libraries go to the folder ``NAME.libs`` of the wheel, where auditwheel puts libraries
too. Everything that does not change keeps its name, content, time and place in the archive. What does:

* ``RECORD`` gets the digests and sizes of the files that changed or were added (PEP 376, PEP 427).
* The tag becomes the ``manylinux_2_X`` of the target if all files obey that policy (PEP 600); in the file's name and in
  ``WHEEL``. Else it stays as it is, with a note.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from symver_pin.archives.zip import zip_members
from symver_pin.elf.image import Content
from symver_pin.errors import ArchiveError, OutputError, SymverPinError, UsageError
from symver_pin.files import write_atomic
from symver_pin.loader.verdict import INSIDE
from symver_pin.repairer.batch import Batch, Result
from symver_pin.repairer.members import Member
from symver_pin.repairer.outcome import RepairedFile
from symver_pin.verifier.policy_table import find_policy
from symver_pin.verifier.run import verify
from symver_pin.verifier.sniff import sniff

_NAME = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)(-\d[^-]*)?-(?P<tags>[^-]+-[^-]+)-(?P<platform>[^-]+)\.whl")
_PLATFORM = re.compile(r"(?:many)?linux(?:_\d+_\d+|\d+)?_([a-z]\w+)")
"""One platform of a tag: ``manylinux_2_28_x86_64``, ``manylinux2014_aarch64``, ``linux_x86_64``; with its processor."""
_HEAD = 4096
_ALIASES = {"manylinux_2_5": "manylinux1", "manylinux_2_12": "manylinux2010", "manylinux_2_17": "manylinux2014"}
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError)
"""What ``zipfile`` raises for a broken, encrypted or unknown archive."""
_SIGNATURES = ("RECORD.jws", "RECORD.p7s")


class Wheel(NamedTuple):
    """A repaired wheel in memory."""

    source: Path
    destination: Path
    """The place of the result, with its new name."""
    files: tuple[RepairedFile, ...]
    changed: Mapping[str, bytes]
    """Member -> its new content."""
    added: Mapping[str, bytes]
    """The same for members that are added."""

    def write(self, in_place: bool) -> None:
        """Write the wheel. With ``in_place`` the old one goes if the new one has another name. Raises OutputError."""
        data = io.BytesIO()
        with zipfile.ZipFile(self.source) as old, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new:
            entries = old.infolist()
            last = [entry for entry in entries if entry.filename.endswith(".dist-info/RECORD")]
            for entry in [entry for entry in entries if entry not in last]:
                new.writestr(entry, self.changed.get(entry.filename, old.read(entry)))
            for name, content in self.added.items():
                info = zipfile.ZipInfo(name, last[0].date_time)
                info.external_attr, info.compress_type = 0o100755 << 16, zipfile.ZIP_DEFLATED
                new.writestr(info, content)
            for entry in last:
                new.writestr(entry, self.changed.get(entry.filename, old.read(entry)))
        try:
            self.destination.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write {self.destination}: {error.strerror}") from error
        write_atomic(self.destination, data.getvalue())
        if in_place and self.destination != self.source.resolve():
            self.source.unlink()


def open_wheel(source: Path, destination: Path, batch: Batch) -> Wheel:
    """Repair the files of a wheel in memory. ``destination`` is the place of the result under the old name.

    A wheel that cannot be read raises nothing: the file of the result says why. Raises as ``Batch.repair`` does.
    """
    try:
        return _repair(source, destination, batch)
    except (ArchiveError, UsageError, OSError, *_BROKEN) as error:
        reason = str(error) if isinstance(error, SymverPinError) else f"{source}: broken wheel: {error}"
        return Wheel(source, destination, (RepairedFile(str(source), "error", reason=reason),), {}, {})


def _repair(source: Path, destination: Path, batch: Batch) -> Wheel:
    matched = _NAME.fullmatch(source.name)
    if matched is None:
        raise UsageError(f"{source}: is not the file name of a wheel: NAME-VERSION-PYTHON-ABI-PLATFORM.whl")
    contents = _read(source)
    info = next((name for name in contents if name.endswith(".dist-info/RECORD") and name.count("/") == 1), None)
    if info is None:
        raise ArchiveError(f"{source}: has no RECORD; a wheel has one")
    folder = info.partition("/")[0]
    if any(f"{folder}/{name}" in contents for name in _SIGNATURES):
        raise ArchiveError(f"{source}: its RECORD is signed; take the signature out, repair, and sign again")
    inside = f"{source}{INSIDE}"
    home = f"{inside}{matched['name']}.libs"
    members = [
        Member(f"{inside}{name}", data, f"{inside}{name}", home, False)
        for name, data in contents.items()
        if sniff(data[:_HEAD]) == "program"
    ]
    results = batch.repair(members)
    written = dict(_new_content(results, inside))
    changed = {name: data for name, data in written.items() if name in contents}
    added = {name: data for name, data in written.items() if name not in contents}
    files = tuple(result.file for result in results)
    if not changed and not added:
        return Wheel(source, destination, files, {}, {})
    platform, note = _platform(matched["platform"], results, batch)
    if note:
        files = (files[0]._replace(note=note), *files[1:])
    if platform != matched["platform"]:
        name = f"{folder}/WHEEL"
        changed[name] = _with_platform(contents.get(name, b""), matched["tags"], platform)
        destination = destination.with_name(f"{source.name.removesuffix(matched['platform'] + '.whl')}{platform}.whl")
    changed[info] = _new_record(contents[info], {**changed, **added})
    return Wheel(source, destination, files, changed, added)


def _read(source: Path) -> dict[str, bytes]:
    """The content of all members, within the limits on archives."""
    with source.open("rb") as stream:
        found = {}
        for member in zip_members(stream, str(source)):
            found[member.name] = b"".join(member.chunks())
        return found


def _new_content(results: list[Result], inside: str) -> Iterator[tuple[str, bytes]]:
    for result in results:
        if result.file.status in ("repaired", "added"):
            yield result.member.path.removeprefix(inside), bytes(result.member.data)


def _platform(old: str, results: list[Result], batch: Batch) -> tuple[str, str]:
    """The platform tag of the result, and a note if it is not that of the target."""
    glibc, maps = batch.settings.target.glibc, batch.settings.maps
    name = f"manylinux_{glibc.major}_{glibc.minor}"
    parts = [_PLATFORM.fullmatch(part) for part in old.split(".")]
    architectures = {part[1] if part is not None else "" for part in parts}
    if len(architectures) != 1 or "" in architectures:
        return old, f"its platform tag {old} is kept: it is not one of glibc on one architecture"
    try:
        policy = find_policy(name, maps)
    except UsageError:
        return old, f"its platform tag {old} is kept: there is no policy {name}"
    contents = [Content(result.member.path, result.member.data) for result in results]
    report = verify(contents, batch.settings.target, policy=policy, maps=maps)
    violated = [finding for file in report.files for finding in file.findings if finding.fails]
    if violated:
        return old, f"its platform tag {old} is kept: by the rules of {name}, {violated[0].message}"
    arch = architectures.pop()
    tags = [name, *([_ALIASES[name]] if name in _ALIASES else [])]
    return ".".join(f"{tag}_{arch}" for tag in tags), ""


def _with_platform(text: bytes, tags: str, platform: str) -> bytes:
    """The content of ``WHEEL`` with other platforms in its tags; every other line stays."""
    kept = [line for line in text.splitlines(keepends=True) if not line.startswith(b"Tag:")]
    while kept and not kept[-1].strip():
        kept.pop()
    interpreters, abis = tags.split("-")
    added = [
        f"Tag: {interpreter}-{abi}-{each}\n".encode()
        for interpreter in interpreters.split(".")
        for abi in abis.split(".")
        for each in platform.split(".")
    ]
    return b"".join([*kept, *added, b"\n"])


def _new_record(text: bytes, content: Mapping[str, bytes]) -> bytes:
    """The content of ``RECORD`` with the digests of some files."""
    left = dict(content)
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    for row in csv.reader(io.StringIO(text.decode("utf-8"))):
        if row and row[0] in left:
            row = _entry(row[0], left.pop(row[0]))
        elif row and row[0].endswith(".dist-info/RECORD"):
            for name in [name for name in left if not name.endswith(".dist-info/RECORD")]:
                writer.writerow(_entry(name, left.pop(name)))
        writer.writerow(row)
    return output.getvalue().encode("utf-8")


def _entry(name: str, data: bytes) -> list[str]:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return [name, f"sha256={digest}", str(len(data))]
