"""Compare a promise with the verdict on a file of the package."""

from __future__ import annotations

from symver_pin.findings import KINDS
from symver_pin.loader.verdict import FileVerdict, Finding
from symver_pin.promises.promise import Promise

_WITHOUT_LIBC = ("static executable", "static archive")


def apply_promise(promise: Promise, verdict: FileVerdict) -> FileVerdict:
    """The verdict with what the promise adds: a violation if the file does not load on the promised release, a note if
    the package names no release. A promise beyond the ends of the tables is compared with the nearest release.
    """
    verdict = verdict._replace(promise=promise.source)
    if verdict.verdict not in ("ok", "fails") or verdict.kind in _WITHOUT_LIBC or not verdict.releases:
        return verdict
    if promise.glibc is None:
        line = KINDS["no-promise"].message.format(detail=promise.source)
        note = Finding("no-promise", verdict.path, line, KINDS["no-promise"].advice)
        return verdict._replace(findings=(*verdict.findings, note))
    nearest = min(max(promise.glibc, verdict.releases[0]), verdict.releases[-1])
    if nearest in verdict.loads_on or not verdict.loads:  # what loads nowhere has a finding that says why
        return verdict
    row = KINDS["promise-broken"]
    line = row.message.format(library=promise.source, target=f"glibc {promise.glibc}", detail=verdict.loads_text)
    broken = Finding("promise-broken", verdict.path, line, row.advice)
    return verdict._replace(verdict="fails", findings=(*verdict.findings, broken))


def musl_verdict(path: str, promise: Promise) -> FileVerdict:
    """The verdict on a package for musl: its files are passed over."""
    row = KINDS["for-musl"]
    note = Finding("for-musl", path, row.message.format(detail=promise.source), row.advice)
    return FileVerdict(path, "skipped", findings=(note,))
