"""The place of a file on disk and in an archive, for formats that point at files; and the lines about findings of
another file than the verified one.
"""

from __future__ import annotations

from typing import NamedTuple

from symver_pin.loader.verdict import INSIDE, FileVerdict, Finding, printable

_NAMED = 6
"""So many of the libraries that make a file fail are named."""


class Place(NamedTuple):
    """The place of a verified file."""

    file: str
    """The path of the file on disk."""
    member: str
    """The path inside the archive; "" for a file that is not in one."""


def place_of(path: str) -> Place:
    """The place of ``file``, ``archive!/member`` or ``archive!/inner archive!/member``.

    >>> place_of("dist/a.whl!/a/b.so")
    Place(file='dist/a.whl', member='a/b.so')
    """
    file, _, member = path.partition(INSIDE)
    return Place(file, member)


def message_of(finding: Finding, file: FileVerdict) -> str:
    """The line on a finding, which begins with the library that has the fault when it is not the file itself."""
    message = printable(finding.message)
    return message if finding.file == file.path else f"{printable(finding.file)}: {message}"


def loads_failing(file: FileVerdict) -> str:
    """One line on the libraries that fail by their own verdicts and make the file fail; "" when there are none."""
    libraries = file.failing_libraries
    if not libraries:
        return ""
    archive = file.path.rpartition(INSIDE)[0]
    prefix = f"{archive}{INSIDE}" if archive else ""
    named = [printable(path.removeprefix(prefix)) for path in libraries[:_NAMED]]
    more = f" and {len(libraries) - _NAMED} more" if len(libraries) > _NAMED else ""
    verb, them = ("fail", "them") if len(libraries) > 1 else ("fails", "it")
    return f"loads {', '.join(named)}{more}, which {verb}; see the verdict on {them}"
