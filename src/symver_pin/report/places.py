"""Where a file lies, for formats that point at files: a member of an archive is a place inside of the archive. And how
a finding is told of another file than the one that is judged.
"""

from __future__ import annotations

from symver_pin.light import NamedTuple
from symver_pin.verify.model import INSIDE, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from symver_pin.verify.model import FileVerdict, Finding

#: So many of the libraries that make a file fail are named.
_NAMED = 6


class Place(NamedTuple):
    """A judged file."""

    file: str
    """The path of the file on disk."""
    member: str
    """The path in the archive that the file is; empty for a file that is none."""


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
    """One line on the libraries that are told of by themselves and make a file fail; empty when there are none."""
    libraries = file.failing_libraries
    if not libraries:
        return ""
    archive = file.path.rpartition(INSIDE)[0]
    prefix = f"{archive}{INSIDE}" if archive else ""
    named = [printable(path.removeprefix(prefix)) for path in libraries[:_NAMED]]
    more = f" and {len(libraries) - _NAMED} more" if len(libraries) > _NAMED else ""
    return f"loads {', '.join(named)}{more}, which {'fail' if len(libraries) > 1 else 'fails'}: see there"
