#!/usr/bin/env python3
"""Judge a hundred wheels of the Python index by the manylinux policies, beside auditwheel, and list the differences.

    python bench/wheel_policies.py                     # downloads the wheels named in bench/wheels.txt; some minutes
    python bench/wheel_policies.py --folder wheels/     # wheels that are already there

For each wheel auditwheel names the strictest tag that the wheel keeps (``auditwheel show``); here it is the strictest
manylinux policy without a violation. Exit status 1 when the two differ anywhere.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from symver_pin.findings import VIOLATIONS
from symver_pin.paths import shipped_maps
from symver_pin.verifier import verify

HERE = Path(__file__).resolve().parent
NAMES = HERE / "wheels.txt"
NONE = "linux"
"""What auditwheel calls a wheel that keeps no policy."""


def policies() -> list[str]:
    """The manylinux policies, strictest first."""
    rows = (shipped_maps() / "policies.tsv").read_text().splitlines()
    names = {row.split("\t")[0] for row in rows if row.startswith("manylinux")}
    return sorted(names, key=lambda name: int(name.rpartition("_")[2]))


def by_auditwheel(wheel: Path) -> str:
    """The tag of ``auditwheel show``, without its architecture; what it said where there is none."""
    done = subprocess.run(
        [sys.executable, "-m", "auditwheel", "show", wheel], capture_output=True, text=True, check=False
    )
    said = re.sub(r"\s+", " ", done.stdout)
    tag = re.search(r'following platform tag: "(\w+?)_x86_64"', said)
    return tag[1] if tag else (done.stdout + done.stderr).strip().splitlines()[-1]


def by_policies(wheel: Path) -> str:
    """The strictest policy that no file of the wheel violates."""
    for name in policies():
        files = verify([wheel], "2.43", policy=name).files
        if not any(finding.kind in VIOLATIONS for file in files for finding in file.findings):
            return name
    return NONE


def download(folder: Path) -> None:
    """Download the wheels, one by one, so that one that is not served leaves the others."""
    for name in NAMES.read_text().split():
        words = ("--no-deps", "--only-binary=:all:", "--dest", str(folder), "--quiet", "--disable-pip-version-check")
        done = subprocess.run([sys.executable, "-m", "pip", "download", *words, name], check=False)
        if done.returncode != 0:
            print(f"{name}: not served today", file=sys.stderr)


def differences(folder: Path) -> Iterator[str]:
    """A line for each wheel on which the two differ; the count at the end goes to stdout."""
    wheels = sorted(path for path in folder.glob("*.whl") if "x86_64" in path.name)
    for number, wheel in enumerate(wheels, 1):
        theirs, ours = by_auditwheel(wheel), by_policies(wheel)
        if sys.stderr.isatty():
            print(f"\r{number} of {len(wheels)}", end="", file=sys.stderr)
        if theirs != ours:
            yield f"{wheel.name}: auditwheel {theirs}, here {ours}"
    print(f"{len(wheels)} wheels compared")


def main() -> int:
    """Print the differences; 1 when there are any."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="a folder with wheels, in place of a download")
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as scratch:
        if folder is None:
            folder = Path(scratch)
            download(folder)
        found = list(differences(folder))
    print("".join(f"{line}\n" for line in found), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
