"""The error hierarchy: every expected failure raises a SymverPinError.

The text of an error is one line. It says what is wrong, where (file, symbol, line) and what to do next. The command
line prints that line after ``symver-pin: error:`` and exits with status 2.
"""


class SymverPinError(Exception):
    """Base class of all expected failures. ``str(error)`` is the one line that the user sees."""


class UsageError(SymverPinError):
    """The request is wrong: an unknown release, platform, architecture, symbol or option value."""


class MapsError(SymverPinError):
    """A symbol table file is missing or broken, or does not cover the requested release."""


class HarvestError(SymverPinError):
    """A source of symbol tables is broken or of an unknown format. The text names the source and the line or offset."""


class ElfError(SymverPinError):
    """A file is not an ELF file, or its structure is broken. The text names the file and the offset or field."""


class NotLoadableError(ElfError):
    """A valid ELF file that no loader loads: a relocatable object, a core dump, a file of debug information only."""


class ArchiveError(SymverPinError):
    """A package or archive is broken, truncated or of an unknown format. The text names it and the member or offset."""


class NotJudgedError(ArchiveError):
    """A container, or a part of it, is not looked into: it is encrypted, of a format that cannot be read here, or above
    a limit. The text is ``place: reason; advice``, which are attributes too.
    """

    def __init__(self, place: str, reason: str, advice: str) -> None:
        super().__init__(f"{place}: {reason}; {advice}")
        self.place, self.reason, self.advice = place, reason, advice


class CompatError(SymverPinError):
    """The table of compat objects is malformed, or a compat object could not be compiled, cut or archived."""


class ToolError(SymverPinError):
    """A compiler, linker or cargo is missing, or it failed."""


class OutputError(SymverPinError):
    """A file or directory could not be written."""


class RepairError(SymverPinError):
    """A file cannot be rewritten: its structure leaves no room, or nothing on the target has what it needs."""
