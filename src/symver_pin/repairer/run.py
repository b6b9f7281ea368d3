"""One repair from the command line's words to the outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from symver_pin.compat.archive import Progress
from symver_pin.errors import SymverPinError, UsageError
from symver_pin.glibc.maps import Maps, default_maps
from symver_pin.glibc.platforms import Target
from symver_pin.repairer.batch import Batch, Result, Settings
from symver_pin.repairer.members import (
    Member,
    check_output,
    destination_of,
    folder_members,
    named_member,
)
from symver_pin.repairer.outcome import Outcome, RepairedFile
from symver_pin.repairer.packages.opening import is_package, open_package
from symver_pin.repairer.write import copy_tree, write_members
from symver_pin.verifier.discovery.excluded import Excluded


class _Sources(NamedTuple):
    """What the user named, sorted by kind: (source, place of the result)."""

    files: list[tuple[Path, Path]]
    folders: list[tuple[Path, Path]]
    packages: list[tuple[Path, Path]]


def repair(
    sources: Iterable[Path | str],
    target: Target | str,
    output: Path | str | None = None,
    in_place: bool = False,
    dry_run: bool = False,
    force: bool = False,
    bundle: bool = True,
    runtime: Sequence[Path | str] = (),
    compiler: str | None = None,
    maps: Maps | None = None,
    progress: Progress | None = None,
    exclude: Iterable[str] = (),
    embed: bool = False,
) -> Outcome:
    """Repair programs, libraries, folders and packages so that they run on a glibc release.

    Files and folders of one call are one set; each package (a wheel, a ``.deb``, an npm package or another tar) is a
    set of its own. ``target`` is a release or a platform, as ``--glibc`` takes it. ``output`` is the folder of the
    results; without it, and with ``in_place``, the files themselves are replaced. Unless ``force``, nothing is written
    if one file is refused. ``bundle``: ship runtime libraries of GCC that the target has in an older version, from the
    folders ``runtime`` or from this host. ``compiler`` makes the compat library, the host's by default. ``exclude`` are
    globs of files and folders, below the given folders and in packages, that are left as they are, as ``verify`` takes
    them. ``embed`` puts what the target lacks into each file, instead of a library beside it.

    Raises UsageError for a wrong request, OutputError if the results cannot be written, ToolError or CompatError if the
    compat library is needed and cannot be made. A file that is broken or cannot be repaired raises nothing.
    """
    maps = maps or default_maps()
    if isinstance(target, str):
        target = maps.target(target)
    if (output is None) is not (in_place or dry_run) and not (dry_run and output is not None):
        raise UsageError("name the folder of the results (-o OUT), or ask for --in-place")
    place = None if output is None else Path(output)
    if place is not None:
        check_output(place)
    found = _sort(sources, place)
    batch = Batch(Settings(target, maps, bundle, tuple(map(Path, runtime)), compiler, progress, embed))
    excluded = Excluded(exclude)
    results, errors = _repair_files(found, batch, excluded)
    packages = [open_package(source, destination, batch, excluded.has) for source, destination in found.packages]
    files = [*errors, *(result.file for result in results), *(file for package in packages for file in package.files)]
    outcome = Outcome(target, tuple(files), False)
    if dry_run or (outcome.exit_status and not force):
        return outcome
    _write(found, results, in_place)
    for package in packages:
        package.write(in_place)
    return outcome._replace(is_written=True)


def _sort(sources: Iterable[Path | str], output: Path | None) -> _Sources:
    found = _Sources([], [], [])
    places: set[Path] = set()
    for each in sources:
        source = Path(each)
        place = destination_of(source, output)
        if place in places:
            raise UsageError(f"{source}: two inputs would become {place}; repair them in two calls")
        places.add(place)
        if source.is_dir():
            found.folders.append((source, place))
        elif is_package(source):
            found.packages.append((source, place))
        else:
            found.files.append((source, place))
    if not places:
        raise UsageError("name a file, a folder or a package to repair")
    return found


def _repair_files(found: _Sources, batch: Batch, excluded: Excluded) -> tuple[list[Result], list[RepairedFile]]:
    """The results of the set of all files and folders; and the files that could not be read."""
    members: list[Member] = []
    errors: list[RepairedFile] = []
    for source, place in found.files:
        try:
            members.append(named_member(source, place))
        except SymverPinError as error:
            errors.append(RepairedFile(str(source), "error", reason=str(error)))
    for source, place in found.folders:
        for member in folder_members(source, place, excluded.below(str(source))):
            if isinstance(member, Member):
                members.append(member)
            else:
                errors.append(RepairedFile(member[0], "error", reason=member[1]))
    return (batch.repair(members) if members else []), errors


def _write(found: _Sources, results: Sequence[Result], in_place: bool) -> None:
    """Write the results of files and folders."""
    changed = [result.member for result in results if result.file.status in ("repaired", "added")]
    if in_place:
        write_members(changed)
        return
    in_folders: set[str] = set()
    for source, place in found.folders:
        inside = [member for member in changed if Path(member.path).is_relative_to(place)]
        copy_tree(source, place, inside)
        in_folders.update(member.path for member in inside)
    named = {str(place) for _source, place in found.files}
    write_members(
        result.member
        for result in results
        if result.member.path not in in_folders
        and (result.file.status in ("repaired", "added") or result.member.path in named)
        and result.file.status != "refused"
    )
