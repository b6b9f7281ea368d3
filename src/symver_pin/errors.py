"""The error hierarchy: every expected failure is a SymverPinError with one line that says what, where and what to do.

The command line prints that line after ``symver-pin: error:`` and exits 2; nothing else in the program prints errors.
"""


class SymverPinError(Exception):
    """Base of all expected failures; ``str(error)`` is one line fit for a user."""


class UsageError(SymverPinError):
    """The request itself is wrong: an unknown release, platform, architecture, symbol or option value."""


class MapsError(SymverPinError):
    """A symbol table file is missing, broken or does not cover what was asked."""


class HarvestError(SymverPinError):
    """A source of symbol tables is broken or not understood; the text names it and the line or offset."""


class ElfError(SymverPinError):
    """A file is not an ELF file, or its structure is broken; the text names the file and the offset or field."""


class NotLoadableError(ElfError):
    """A sound ELF file of a kind that no loader loads: a relocatable object, a core dump, debug information alone."""


class ArchiveError(SymverPinError):
    """A package or archive is broken, truncated or of no known kind; the text names it and the member or offset."""


class CompatError(SymverPinError):
    """A compat object could not be compiled or archived."""


class ToolError(SymverPinError):
    """A compiler, linker or cargo is missing, or failed where it must not."""


class OutputError(SymverPinError):
    """A file or directory could not be written."""
