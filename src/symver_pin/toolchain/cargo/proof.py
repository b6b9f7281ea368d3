"""The proof after a build: the verifier over all programs and libraries made, and the crates that are to blame."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from symver_pin.toolchain.cargo.kits import Pin
from symver_pin.toolchain.cargo.messages import Artifact
from symver_pin.verify import FileVerdict, Report, verify
from symver_pin.verify.model import printable

_GREEN, _RESET = "\x1b[1;32m", "\x1b[0m"


def prove(pin: Pin, artifacts: Sequence[Artifact], quiet: bool) -> int:
    """Judge what was made for one target, and say the verdict on stderr: 0 all of it starts there, 1 something does
    not.

    Raises MapsError when the tables are broken, ArchiveError when a static library is.
    """
    crates = {path: item.crate for item in artifacts for path in item.programs}
    if not crates:
        return 0
    report = verify(crates, pin.glibc)
    failing = [file for file in report.files if file.verdict != "ok"]
    if not failing:
        if not quiet:
            word = "Verified".rjust(12)
            word = f"{_GREEN}{word}{_RESET}" if sys.stderr.isatty() else word
            count = "1 file" if len(crates) == 1 else f"{len(crates)} files"
            sys.stderr.write(f"{word} {count} for glibc {pin.glibc.glibc}{_highest(report.files)}\n")
        return 0
    sys.stderr.writelines(_complaint(Report(pin.glibc, tuple(failing)), artifacts, crates))
    return 1


def _highest(files: Iterable[FileVerdict]) -> str:
    lowest = [file.lowest_glibc for file in files if file.lowest_glibc is not None]
    return f" (starts from {max(lowest)} on)" if lowest else ""


def _complaint(report: Report, artifacts: Sequence[Artifact], crates: dict[Path, str]) -> Iterator[str]:
    from symver_pin.report.text import Writer
    from symver_pin.toolchain.cargo.guilty import crates_wanting

    yield from (f"symver-pin: error: {line}\n" for line in report.errors)
    yield from map(Writer(report.target, report.policy, sys.stderr.isatty()), report.files)
    symbols = {
        symbol.name for file in report.files for finding in file.findings if finding.fails for symbol in finding.symbols
    }
    wanting = crates_wanting(sorted(symbols), artifacts)
    own = ", ".join(dict.fromkeys(crates[Path(file.path)] for file in report.files))
    for symbol, guilty in wanting.items():
        yield f"  {printable(symbol)} is wanted by {', '.join(guilty) or own}\n"
