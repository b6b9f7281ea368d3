"""glibc's own ABI lists as one digest a release: what a table must contain, without keeping 27 MB of lists here.

A line is `library symbol version type [size]`, of every symbol of every library; the digest is the SHA-256 of the
sorted lines. Made from the lists by their own small reader, not by the one that the tables were made with:

    python tests/maps/list_digests.py FOLDER > tests/maps/lists.tsv      (FOLDER/<release>/<arch>/<lib>.abilist)
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path


def digest(lines: Iterable[str]) -> str:
    """The SHA-256 of sorted lines."""
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def lines_of(folder: Path) -> list[str]:
    """The lines of one release and architecture."""
    lines = []
    for path in folder.glob("*.abilist"):
        node = ""
        for line in path.read_text().split("\n"):
            words = line.split()
            if line[:1] == " ":
                words = [node, *words]
            elif len(words) == 1:
                node = words[0]
            if len(words) > 2 and words[2] != "A":
                lines.append(" ".join((path.stem, words[1], words[0], *words[2:])))
    return lines


def main() -> None:
    """Print the table."""
    print("# glibc's own ABI lists: release, architecture, symbols, digest (tests/maps/list_digests.py makes this)")
    for folder in sorted(Path(sys.argv[1]).glob("2.*/*")):
        lines = lines_of(folder)
        print(folder.parent.name, folder.name, len(lines), digest(lines), sep="\t")


if __name__ == "__main__":
    main()
