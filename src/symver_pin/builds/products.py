"""Verify the files that a build made, and name the units of the build that refer to missing symbols."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from symver_pin.builds.references import Artifact, origins_referring_to
from symver_pin.errors import UsageError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.loader.verdict import FileVerdict, printable
from symver_pin.report.formats.text import Writer
from symver_pin.report.places import place_of
from symver_pin.report.terminal import is_colored
from symver_pin.report.writer import Style
from symver_pin.verifier.report import Report
from symver_pin.verifier.run import verify

_GREEN, _RESET = "\x1b[1;32m", "\x1b[0m"


def verify_artifacts(target: Target, maps: Maps, artifacts: Sequence[Artifact], quiet: bool) -> int:
    """Verify the programs and shared libraries of one target, and write the verdict to stderr.

    Returns 0 if all of them load on the target release, else 1. With ``quiet`` nothing is written for 0. Raises
    MapsError if the symbol tables are broken, ArchiveError if a static library is.
    """
    origins = {path: item.origin for item in artifacts for path in item.programs}
    if not origins:
        return 0
    return _write_verdict(verify(origins, target, maps=maps), artifacts, origins, quiet)


def verify_folders(target: Target, maps: Maps, folders: Sequence[Path]) -> int:
    """Verify the programs and shared libraries in folders (or single files), and write the verdict to stderr.

    Static archives are parts of what is linked with the kit and are passed over. A file that begins like an archive and
    is none is named in a note: it does not fail a build.

    Returns 0 if all of them load on the target release, else 1. Raises UsageError if a folder does not exist or holds
    nothing to verify, and what ``verify`` raises.
    """
    for folder in folders:
        if not folder.exists():
            raise UsageError(f"--verify {folder}: does not exist after the build; name the folder of its results")
    report = verify(folders, target, maps=maps, exclude=("*.a",))
    passed_over = tuple(file for file in report.files if file.verdict == "skipped")
    sys.stderr.writelines(_texts(report._replace(files=passed_over)))
    report = report._replace(files=tuple(file for file in report.files if file.verdict != "skipped"))
    if not report.files:
        raise UsageError(f"--verify {folders[0]}: holds no program or shared library; nothing was verified")
    return _write_verdict(report, (), {}, quiet=False)


def _write_verdict(report: Report, artifacts: Sequence[Artifact], origins: dict[Path, str], quiet: bool) -> int:
    """Write the verdict on all files. Returns 0 if all of them load, else 1. ``quiet`` writes only failures."""
    failing = tuple(file for file in report.files if file.verdict != "ok")
    if failing:
        sys.stderr.writelines(_failure_lines(report._replace(files=failing), artifacts, origins))
        return 1
    if not quiet:
        word = "Verified".rjust(12)
        word = f"{_GREEN}{word}{_RESET}" if is_colored(sys.stderr) else word
        count = "1 file" if len(report.files) == 1 else f"{len(report.files)} files"
        release = report.target.glibc
        sys.stderr.write(f"{word} {count} for glibc {release}{_lowest_release(report.files)}\n")
    return 0


def _lowest_release(files: Iterable[FileVerdict]) -> str:
    """The lowest glibc release on which all files load, as a remark in brackets."""
    lowest = [file.lowest_glibc for file in files if file.lowest_glibc is not None]
    return f" (starts from {max(lowest)} on)" if lowest else ""


def _texts(report: Report) -> Iterator[str]:
    """What ``symver-pin verify`` says of each file."""
    writer = Writer(report.target, report.policy, report.platforms, Style(color=is_colored(sys.stderr)))
    return (writer.line(file).text for file in report.files)


def _failure_lines(report: Report, artifacts: Sequence[Artifact], origins: dict[Path, str]) -> Iterator[str]:
    """The lines about files that fail, and for each missing symbol the units that refer to it.

    ``origins`` maps the path of each verified file to its unit, as far as units are known. If no library refers to a
    symbol, the units of the failing files are named.
    """
    yield from (f"symver-pin: error: {line}\n" for line in report.errors)
    yield from _texts(report)
    if not origins:
        return
    symbols = {
        symbol.name for file in report.files for finding in file.findings if finding.fails for symbol in finding.symbols
    }
    users = origins_referring_to(sorted(symbols), artifacts)
    own = ", ".join(dict.fromkeys(origins[Path(place_of(file.path).file)] for file in report.files))
    for symbol, referring in users.items():
        yield f"  {printable(symbol)} is used by {', '.join(referring) or own}\n"
