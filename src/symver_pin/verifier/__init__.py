"""Verify files: would they load and start on a release, and if not, why. ``verify`` returns a ``Report``.

``run`` is one verification from the paths to the report. ``discovery`` finds the files in folders, and ``inputs`` opens
archives; ``carried`` finds archives behind and in programs, ``store`` and ``archive_files`` keep the files of an
archive in bounded memory. ``given_files`` are found by name and path; ``static_archive`` checks what is not linked yet;
``policies`` limit what a file may need; ``needed`` says where needed libraries come from; ``references`` finds what
refers to a missing symbol; ``pool`` distributes files over processes.
"""

from symver_pin.elf.image import Content, Source
from symver_pin.loader.verdict import FileVerdict, Finding, SymbolInfo
from symver_pin.verifier.report import Report
from symver_pin.verifier.run import verify

__all__ = ["Content", "FileVerdict", "Finding", "Report", "Source", "SymbolInfo", "verify"]
