"""What changed between two datasets: by project, since the file name of a package changes with its version."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from symver_pin.fleet.dataset import Dataset
from symver_pin.glibc.release import Release, parse_release


class Project(NamedTuple):
    """All packages of one project in a dataset, for one architecture."""

    lowest: Release | None
    """The lowest release on which every judged file of them loads; None when there is none."""
    contents: frozenset[str]
    """The digests of the files."""


class Change(NamedTuple):
    """A project whose lowest release is another now."""

    project: str
    architecture: str
    before: Release | None
    after: Release | None

    @property
    def is_worse(self) -> bool:
        """True if it loads on fewer releases now."""
        return self.before is not None and (self.after is None or self.after > self.before)


class Difference(NamedTuple):
    """The projects that changed, each list by name."""

    added: tuple[str, ...]
    gone: tuple[str, ...]
    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    other_content: int
    """Projects with other files that load on the same releases."""
    same: int


def compare(old: Dataset, new: Dataset, project_of: Callable[[str], str]) -> Difference:
    """What changed from one dataset to another."""
    before, after = _projects(old, project_of), _projects(new, project_of)
    both = sorted(before.keys() & after.keys())
    changes = [
        Change(*key, before[key].lowest, after[key].lowest) for key in both if before[key].lowest != after[key].lowest
    ]
    same_lowest = [key for key in both if before[key].lowest == after[key].lowest]
    others = sum(before[key].contents != after[key].contents for key in same_lowest)
    old_names, new_names = {name for name, _ in before}, {name for name, _ in after}
    return Difference(
        tuple(sorted(new_names - old_names)),
        tuple(sorted(old_names - new_names)),
        tuple(change for change in changes if change.is_worse),
        tuple(change for change in changes if not change.is_worse),
        others,
        len(same_lowest) - others,
    )


def _projects(dataset: Dataset, project_of: Callable[[str], str]) -> dict[tuple[str, str], Project]:
    """(project, architecture) -> its packages."""
    found: dict[tuple[str, str], Project] = {}
    columns = ["package", "architecture", "verdict", "lowest_glibc", "sha256"]
    for table in dataset.tables("files", columns):
        for package, arch, verdict, lowest, sha256 in zip(
            *(table.column(name).to_pylist() for name in columns), strict=True
        ):
            if verdict != "judged" or arch is None:
                continue
            key = project_of(package), arch
            release = None if lowest is None else parse_release(lowest)
            known = found.get(key)
            if known is None:
                found[key] = Project(release, frozenset({sha256 or ""}))
            else:
                both = None if None in (release, known.lowest) else max(filter(None, (release, known.lowest)))
                found[key] = Project(both, known.contents | {sha256 or ""})
    return found
