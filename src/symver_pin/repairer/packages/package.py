"""What all formats of packages have in common: a set of members that is repaired, and a file that is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from symver_pin.errors import OutputError
from symver_pin.files import write_atomic
from symver_pin.loader.verdict import INSIDE
from symver_pin.repairer.batch import Batch, Result
from symver_pin.repairer.members import Member
from symver_pin.repairer.outcome import RepairedFile
from symver_pin.verifier.discovery.sniff import sniff

_HEAD = 4096


class Package(NamedTuple):
    """A repaired package in memory."""

    source: Path
    destination: Path
    """The place of the result; a wheel gets a new name."""
    files: tuple[RepairedFile, ...]
    content: Callable[[], bytes] | None = None
    """Makes the content of the result; None if nothing changes."""
    is_read: bool = True
    """False if it could not be read."""

    def write(self, in_place: bool) -> None:
        """Write the package. With ``in_place`` the old one goes if the new one has another name. Raises OutputError."""
        if not self.is_read or (self.content is None and in_place):
            return
        try:
            self.destination.parent.mkdir(parents=True, exist_ok=True)
            data = self.source.read_bytes() if self.content is None else self.content()
        except OSError as error:
            raise OutputError(f"cannot write {self.destination}: {error.strerror}") from error
        write_atomic(self.destination, data)
        if in_place and self.destination != self.source.resolve():
            self.source.unlink()


class Open(Protocol):
    """Repairs the files of a package in memory.

    ``excluded`` tells of the name of a member whether it is left as it is. Raises ArchiveError or UsageError if the
    package cannot be read, and as ``Batch.repair`` does.
    """

    def __call__(self, source: Path, destination: Path, batch: Batch, excluded: Callable[[str], bool]) -> Package:
        """``destination`` is the place of the result under the old name."""


class Contents(NamedTuple):
    """The repaired files of a package, by their names in it."""

    results: list[Result]
    changed: Mapping[str, bytes]
    """The new content of members."""
    added: Mapping[str, bytes]
    """The content of members that are added."""

    @property
    def files(self) -> tuple[RepairedFile, ...]:
        """What has become of each file."""
        return tuple(result.file for result in self.results)

    def with_notes(self, notes: Iterable[str]) -> tuple[RepairedFile, ...]:
        """The same with notes on the package, which stand below the first file that changed."""
        files = list(self.files)
        first = next((n for n, file in enumerate(files) if file.status == "repaired"), 0)
        files[first] = files[first]._replace(note="; ".join(filter(None, [*notes, files[first].note])))
        return tuple(files)


def repair_contents(
    source: Path,
    contents: Mapping[str, bytes | memoryview],
    home: Callable[[str], str],
    batch: Batch,
    excluded: Callable[[str], bool],
) -> Contents:
    """Repair the programs and libraries among the members of a package.

    ``contents`` has all members by name; ``home`` returns the folder in the package in which libraries are put that
    are added for a member. Raises as ``Batch.repair`` does.
    """
    inside = f"{source}{INSIDE}"
    members = [
        Member(f"{inside}{name}", data, f"{inside}{name}", f"{inside}{home(name)}".rstrip("/"), False)
        for name, data in contents.items()
        if sniff(bytes(data[:_HEAD])) == "program" and not excluded(name)
    ]
    results = batch.repair(members)
    written = {
        result.member.path.removeprefix(inside): bytes(result.member.data)
        for result in results
        if result.file.status in ("repaired", "added")
    }
    changed = {name: data for name, data in written.items() if name in contents}
    added = {name: data for name, data in written.items() if name not in contents}
    return Contents(results, changed, added)
