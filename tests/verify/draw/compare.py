"""Set the verifier's verdicts beside what real loaders do.

.venv/bin/python tests/verify/draw/compare.py               # agreement by kind and release
.venv/bin/python tests/verify/draw/compare.py --differences # every case on which they differ
.venv/bin/python tests/verify/draw/compare.py --kind segment --keep /tmp/draw
    .venv/bin/python tests/verify/draw/compare.py --pairs 2000 --seed 7     # two changed fields at once
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

if __package__ in (None, ""):
    sys.path[:0] = [str(Path(__file__).resolve().parents[place]) for place in (1, 2)]
    sys.path.append(str(Path(__file__).resolve().parents[3] / "tools"))
    __package__ = "draw"

import runtimes
from symver_pin.glibc.maps import default_maps
from symver_pin.loader.verdict import FileVerdict
from symver_pin.verifier import run as verifier
from symver_pin.verifier.session import Session

from . import kinds_search, kinds_segments, kinds_symbols, kinds_tables, kinds_versions
from .ask import Answer, ask
from .pairs import pairs
from .workshop import Case, Workshop

RELEASES = ("2.17", "2.31", "2.36", "2.41", "2.43")
MODULES = (kinds_search, kinds_versions, kinds_segments, kinds_tables, kinds_symbols)


CONDITIONS = (
    ("provided-by-system", "cannot open shared object"),
    ("found-conditionally", "cannot open shared object"),
    ("unjudged-symbols", "undefined symbol"),
    ("executable-stack", "cannot enable executable stack"),
    ("static-tls", "static TLS block"),
)
"""(note, message of the loader): the verdict ``ok`` with this note says what is missing, and the loader misses it."""


class Difference(NamedTuple):
    """A case on which the verifier and a loader do not agree."""

    case: str
    release: str
    starts: bool
    message: str
    """What the loader did."""
    findings: str
    """What the verifier found."""


def make_all(root: Path, only: str = "") -> Workshop:
    """All cases below a folder."""
    shop = Workshop(root)
    for module in MODULES:
        for draw in module.DRAWS:
            draw(shop)
    if only:
        shop.cases = [case for case in shop.cases if case.kind == only]
    return shop


def verdict(case: Case, session: Session) -> FileVerdict:
    """The verdict on a case's main file, which is verified with its folder as one set."""
    for found in verifier.verify_each([str(case.folder)], session, lambda each: each):
        if found.path == str(case.main):
            return found
    return FileVerdict(str(case.main), "error", error="passed over: no program or library")


def differences(cases: Sequence[Case], release: str, answers: dict[str, Answer]) -> list[Difference]:
    """The cases on which a loader and the verdict for its release differ."""
    maps = default_maps()
    session = verifier.open_session(maps.target(release), maps)
    found = []
    for case in cases:
        made, answer = verdict(case, session), answers[case.name]
        notes = {finding.kind for finding in made.findings}
        agrees = (made.verdict == "ok") == answer.starts
        if made.verdict == "ok" and not agrees:
            agrees = any(kind in notes and text in answer.message for kind, text in CONDITIONS)
        if not agrees:
            kinds = [f"{finding.kind}: {finding.message}" for finding in made.findings]
            text = made.error or "; ".join(kinds) or "none"
            found.append(Difference(case.name, release, answer.starts, answer.message, f"{made.verdict}: {text}"))
    return found


def table(cases: Sequence[Case], found: Sequence[Difference], releases: Sequence[str]) -> str:
    """Agreement by kind, in Markdown: cases, then differences by release as "ok that dies + fails that runs"."""
    kinds = Counter(case.kind for case in cases)
    lines = [f"| kind | cases | agree | {' | '.join(releases)} |", "|---|---|---|" + "---|" * len(releases)]
    for kind in (*kinds, ""):
        mine = [each for each in found if each.case.startswith(f"{kind}/" if kind else "")]
        count = kinds[kind] if kind else len(cases)
        cells = []
        for release in releases:
            here = [each for each in mine if each.release == release]
            dies = sum(not each.starts for each in here)
            cells.append(f"{dies}+{len(here) - dies}" if here else "")
        share = 100 * (1 - len(mine) / (count * len(releases)))
        lines.append(f"| {kind or 'all'} | {count} | {share:.1f} % | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(words: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Compare verdicts with what real loaders do.")
    parser.add_argument("--kind", default="", help="only the cases of one kind")
    parser.add_argument("--keep", type=Path, help="make the cases in this new folder and leave them there")
    parser.add_argument("--differences", action="store_true", help="print each case on which they differ")
    parser.add_argument("--pairs", type=int, default=0, help="judge so many files with two changed fields instead")
    parser.add_argument("--seed", type=int, default=0, help="which of them: another number makes other files")
    parser.add_argument("--releases", nargs="*", default=RELEASES)
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        place = options.keep or Path(folder) / "draw"
        if options.pairs:
            shop = Workshop(place)
            pairs(shop, options.pairs, options.seed)
        else:
            shop = make_all(place, options.kind)
        found: list[Difference] = []
        for release in options.releases:
            found += differences(shop.cases, release, ask(runtimes.get_root(release), release, shop.cases, shop))
        if options.differences:
            for each in found:
                print(
                    "\t".join((each.case, each.release, "runs" if each.starts else "dies", each.message, each.findings))
                )
        print(table(shop.cases, found, options.releases))
    return 0


if __name__ == "__main__":
    sys.exit(main())
