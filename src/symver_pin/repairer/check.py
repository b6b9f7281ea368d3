"""Verdicts on the files of a repair, which exist in memory only: each finds its libraries among the others."""

from __future__ import annotations

from collections.abc import Iterable

from symver_pin.elf.image import Content
from symver_pin.errors import ElfError, NotLoadableError
from symver_pin.findings import NOTES
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.verdict import FileVerdict
from symver_pin.repairer.members import Member
from symver_pin.verifier.given_files import FileSet, open_object
from symver_pin.verifier.session import Session

_OF_ITS_PLACE = frozenset({"library-not-found"})
"""Kinds of findings that depend on what loads the file, and on no release of glibc."""


class Checked:
    """A set of files that are opened and can be judged."""

    def __init__(self, members: Iterable[Member], session: Session) -> None:
        """Files that no loader loads (objects, debug information) are left out if the user did not name them."""
        self._session = session
        self.files: dict[str, LoadedObject] = {}
        """The programs and libraries by path."""
        self.errors: dict[str, str] = {}
        """Path -> why a file could not be read."""
        for member in members:
            try:
                file = open_object(Content(member.path, member.data))
                session.judge(member.path, file.arch)
            except NotLoadableError as error:
                if member.was_named:
                    self.errors[member.path] = str(error)
                continue
            except ElfError as error:
                self.errors[member.path] = str(error)
                continue
            file.was_named, file.is_verified = member.was_named, True
            self.files[member.path] = file
        self._set = FileSet(self.files.values())

    def verdict(self, path: str) -> FileVerdict:
        """The verdict on one of ``files``."""
        return self._session.verdict(self.files[path], self._set)

    def close(self) -> None:
        """Let go of all content."""
        for file in self.files.values():
            file.close()


def reason_of(verdict: FileVerdict) -> str:
    """Why a verdict is negative: its first finding."""
    if verdict.error is not None:
        return verdict.error
    failing = [finding for finding in verdict.findings if finding.fails and finding.kind not in NOTES]
    own = [finding for finding in failing if finding.file == verdict.path]
    if own:
        return own[0].message
    return f"loads {failing[0].file}, which fails: {failing[0].message}" if failing else ""


def fails_as_before(verdict: FileVerdict, before: FileVerdict) -> bool:
    """True if all that is wrong with a file is that it finds some libraries only in a program that has loaded them, or
    knows where they are, and if that was so before. The libraries of a wheel are often of that kind: the module that
    needs them has the search path.
    """
    old = {finding.kind for finding in before.findings if finding.fails}
    new = {finding.kind for finding in verdict.findings if finding.fails}
    return bool(new) and new <= _OF_ITS_PLACE & old


def note_on(verdict: FileVerdict) -> str:
    """A warning of two C++ runtimes in one process; "" if there is none."""
    return next((finding.message for finding in verdict.findings if finding.kind == "exported-runtime"), "")
