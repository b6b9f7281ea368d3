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
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from symver_pin.archives.zip import zip_members
from symver_pin.elf.image import Content
from symver_pin.errors import ArchiveError, UsageError
from symver_pin.promises.wheel_name import WheelName, manylinux_platform, parse_wheel_name
from symver_pin.repairer.batch import Batch, Result
from symver_pin.repairer.packages.package import Package, repair_contents
from symver_pin.verifier.policies.table import find_policy
from symver_pin.verifier.run import verify

_SIGNATURES = ("RECORD.jws", "RECORD.p7s")


def open_wheel(source: Path, destination: Path, batch: Batch, excluded: Callable[[str], bool]) -> Package:
    """Repair the files of a wheel: see ``package.Open``."""
    named, members, info = _open(source)
    folder = info.partition("/")[0]
    contents = repair_contents(source, members, lambda _name: f"{named.name}.libs", batch, excluded)
    changed = dict(contents.changed)
    if not changed and not contents.added:
        return Package(source, destination, contents.files)
    platform, note = _platform(named, contents.results, batch)
    if platform != named.platform:
        name = f"{folder}/WHEEL"
        changed[name] = _with_platform(members.get(name, b""), named.tags, platform)
        destination = destination.with_name(f"{source.name.removesuffix(named.platform + '.whl')}{platform}.whl")
    changed[info] = _new_record(members[info], {**changed, **contents.added})
    files = contents.with_notes([note] if note else [])
    return Package(source, destination, files, lambda: _write(source, changed, contents.added))


def retag(source: Path, folder: Path, platform: str) -> Path:
    """Write a copy of a wheel with another platform tag, in its name and in ``WHEEL``, into a folder; its path.

    Raises UsageError for a file name that is not a wheel's, ArchiveError for a broken wheel, OutputError.
    """
    named, contents, info = _open(source)
    name = f"{info.partition('/')[0]}/WHEEL"
    changed = {name: _with_platform(contents.get(name, b""), named.tags, platform)}
    changed[info] = _new_record(contents[info], changed)
    destination = folder / f"{source.name.removesuffix(named.platform + '.whl')}{platform}.whl"
    Package(source, destination, (), lambda: _write(source, changed, {})).write(in_place=False)
    return destination


def _open(source: Path) -> tuple[WheelName, dict[str, bytes], str]:
    """The parts of a wheel's name, its members, and the name of its RECORD."""
    named = parse_wheel_name(source.name)
    if named is None:
        raise UsageError(f"{source}: is not the file name of a wheel: NAME-VERSION-PYTHON-ABI-PLATFORM.whl")
    members = _read(source)
    info = next((name for name in members if name.endswith(".dist-info/RECORD") and name.count("/") == 1), None)
    if info is None:
        raise ArchiveError(f"{source}: has no RECORD; a wheel has one")
    if any(f"{info.partition('/')[0]}/{name}" in members for name in _SIGNATURES):
        raise ArchiveError(f"{source}: its RECORD is signed; take the signature out, repair, and sign again")
    return named, members, info


def _write(source: Path, changed: Mapping[str, bytes], added: Mapping[str, bytes]) -> bytes:
    """The zip archive of the result."""
    data = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new:
        entries = old.infolist()
        last = [entry for entry in entries if entry.filename.endswith(".dist-info/RECORD")]
        for entry in [entry for entry in entries if entry not in last]:
            new.writestr(entry, changed.get(entry.filename, old.read(entry)))
        for name, content in added.items():
            info = zipfile.ZipInfo(name, last[0].date_time)
            info.external_attr, info.compress_type = 0o100755 << 16, zipfile.ZIP_DEFLATED
            new.writestr(info, content)
        for entry in last:
            new.writestr(entry, changed.get(entry.filename, old.read(entry)))
    return data.getvalue()


def _read(source: Path) -> dict[str, bytes]:
    """The content of all members, within the limits on archives."""
    with source.open("rb") as stream:
        found = {}
        for member in zip_members(stream, str(source)):
            found[member.name] = b"".join(member.chunks())
        return found


def _platform(named: WheelName, results: list[Result], batch: Batch) -> tuple[str, str]:
    """The platform tag of the result, and a note if it is not that of the target."""
    old, architecture = named.platform, named.architecture
    glibc, maps = batch.settings.target.glibc, batch.settings.maps
    name = f"manylinux_{glibc.major}_{glibc.minor}"
    if not architecture:
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
    return manylinux_platform(glibc, architecture), ""


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
