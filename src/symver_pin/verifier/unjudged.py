"""The verdicts on what is not judged: unreadable files, archives that cannot be looked into, files that are none."""

from __future__ import annotations

from symver_pin.errors import ArchiveError, NotJudgedError
from symver_pin.findings import KINDS
from symver_pin.loader.verdict import FileVerdict, Finding


def unreadable_verdict(path: str, error: OSError) -> FileVerdict:
    """The verdict on a file or folder that cannot be read."""
    return FileVerdict(path, "error", error=f"{path}: cannot be read: {error.strerror}; check who may read it")


def unjudged_verdict(path: str, error: ArchiveError) -> FileVerdict:
    """The verdict on an archive or a member that is broken, or is not looked into: then with the finding."""
    if not isinstance(error, NotJudgedError):
        return FileVerdict(path, "error", error=str(error))
    finding = Finding("not-judged", path, error.reason, error.advice)
    return FileVerdict(path, "error", error=str(error), findings=(finding,))


def fake_verdict(path: str, title: str) -> FileVerdict:
    """The verdict on a file that begins like an archive, ``title`` ("a zip archive"), and is none."""
    message = KINDS["not-an-archive"].message.format(detail=title)
    return FileVerdict(path, "skipped", findings=(Finding("not-an-archive", path, message, ""),))
