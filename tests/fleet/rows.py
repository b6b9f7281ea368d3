"""The rows of a dataset as plain values, and those that `verify` would give for the same packages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from symver_pin import verify
from symver_pin.loader.verdict import FileVerdict

Row = dict[str, Any]

_FILE_COLUMNS = (
    "member", "architecture", "kind", "error", "lowest_glibc", "loads_on", "runs_on", "fails_on", "needed",
)  # fmt: skip
_FINDING_COLUMNS = (
    "member", "target", "kind", "fails", "message", "advice", "library", "version", "since", "symbols",
)  # fmt: skip


def read(dataset: Path, table: str) -> list[Row]:
    """All rows of a table."""
    found: list[Row] = []
    for path in sorted(dataset.glob(f"part-*/{table}.parquet")):
        found += pq.ParquetFile(path).read().to_pylist()
    return found


def packages_of(dataset: Path) -> list[str]:
    """The packages of a dataset, each as often as it is there."""
    return sorted(row["package"] for row in read(dataset, "packages"))


def surveyed(dataset: Path) -> dict[str, tuple[list[Row], list[Row]]]:
    """Package -> what a survey says of its files and findings, in a form that `verified` has too."""
    found: dict[str, tuple[list[Row], list[Row]]] = {name: ([], []) for name in packages_of(dataset)}
    for row in read(dataset, "files"):
        fields = {name: row[name] for name in _FILE_COLUMNS} | {"highest": dict(row["highest_nodes"])}
        found[row["package"]][0].append(fields | {"is_judged": row["verdict"] == "judged"})
    for row in read(dataset, "findings"):
        found[row["package"]][1].append({name: row[name] for name in _FINDING_COLUMNS})
    return found


def verified(path: Path, package: str, targets: Iterable[str]) -> tuple[list[Row], list[Row]]:
    """What `verify` says of the files and findings of a local package."""
    reports = {target: verify([path], target, policy="none").files for target in targets}
    files: list[Row] = []
    fails: dict[str, list[str]] = {}
    for target, verdicts in reports.items():
        for verdict in verdicts:
            fails.setdefault(verdict.path, []).extend([target] * (verdict.verdict == "fails"))
    for verdict in list(reports.values())[-1]:
        files.append(_file(verdict, path, package) | {"fails_on": fails[verdict.path]})
    findings = [
        row
        for target, verdicts in reports.items()
        for each in verdicts
        for row in _findings(each, target, path, package)
    ]
    return files, findings


def _member(verdict: FileVerdict, path: Path) -> str:
    return verdict.path.removeprefix(str(path)).removeprefix("!/")


def _file(verdict: FileVerdict, path: Path, package: str) -> Row:
    return {
        "member": _member(verdict, path),
        "architecture": verdict.arch,
        "kind": verdict.kind,
        "error": None if verdict.error is None else verdict.error.replace(str(path), package),
        "lowest_glibc": None if verdict.lowest_glibc is None else str(verdict.lowest_glibc),
        "loads_on": [str(release) for release in verdict.loads_on],
        "runs_on": [platform.id for platform in verdict.runs_on],
        "needed": [library.name for library in verdict.needed],
        "highest": dict(verdict.highest_of),
        "is_judged": verdict.verdict in ("ok", "fails"),
    }


def _findings(verdict: FileVerdict, target: str, path: Path, package: str) -> list[Row]:
    return [
        {
            "member": _member(verdict, path),
            "target": target,
            "kind": finding.kind,
            "fails": finding.fails,
            "message": finding.message.replace(str(path), package),
            "advice": finding.advice.replace(str(path), package),
            "library": finding.library,
            "version": finding.version,
            "since": None if finding.since is None else str(finding.since),
            "symbols": [symbol.name for symbol in finding.symbols],
        }
        for finding in verdict.findings
    ]
