"""Make a built wheel ready to publish: verify it, vendor libraries, give it the tag that it deserves."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from symver_pin.builds.wheels.tag import AUTO, Tag, decide_tag, library_rules
from symver_pin.builds.wheels.vendor import vendor_libraries
from symver_pin.errors import OutputError, UsageError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.loader.verdict import INSIDE
from symver_pin.promises.wheel_name import manylinux_platform, parse_wheel_name
from symver_pin.repairer.packages.wheel import retag
from symver_pin.repairer.run import repair
from symver_pin.report.formats.text import render
from symver_pin.verifier.report import Report
from symver_pin.verifier.run import NO_POLICY, verify


class FinishedWheel(NamedTuple):
    """The result for one wheel."""

    path: Path | None
    """The finished wheel; None if it was refused, and nothing was written."""
    lines: tuple[str, ...]
    """What was done and why, for people; the report of the verifier if it was refused."""


def finish_wheel(
    wheel: Path, output: Path, target: Target, policy: str = AUTO, maps: Maps | None = None, cc: str | None = None
) -> FinishedWheel:
    """Write a wheel, with an honest tag, into the folder ``output``.

    A wheel without programs and libraries is copied unchanged. All files must load on ``target``. Libraries that its
    manylinux policy does not allow are put into the wheel, and repaired (``symver_pin.repair``) where they need a newer
    glibc. ``policy`` is the manylinux policy that the wheel must obey, or ``auto`` for the oldest that it obeys. ``cc``
    is the command of the compiler for a repair.

    Raises UsageError for a file that is not a wheel, or has a tag that cannot be right; ToolError if auditwheel fails;
    OutputError if the wheel cannot be written.
    """
    maps = maps or Maps()
    named = parse_wheel_name(wheel.name)
    if named is None:
        raise UsageError(f"{wheel}: is not the file name of a wheel: NAME-VERSION-PYTHON-ABI-PLATFORM.whl")
    report = verify([wheel], target, policy=NO_POLICY, maps=maps)
    binaries = [file for file in report.files if file.verdict != "skipped"]
    if not binaries:
        return FinishedWheel(_copy(wheel, output), (f"{wheel.name}: no programs or libraries in it; unchanged",))
    if not named.architecture:
        inside = binaries[0].path.partition(INSIDE)[2]
        raise UsageError(
            f"{wheel.name}: the tag {named.platform} is not one of glibc on one architecture, and {inside} is in it; "
            "let the build backend make a wheel for this platform"
        )
    if report.exit_status:
        return _refused(report)
    with tempfile.TemporaryDirectory(prefix="symver-pin-wheel-") as scratch:
        ready, lines = _vendored(wheel, Path(scratch), target, maps, cc)
        if ready is None:
            return FinishedWheel(None, lines)
        tag = decide_tag(ready, policy, maps)
        if not isinstance(tag, Tag):
            return _refused(tag)
        made = retag(ready, output, manylinux_platform(tag.release, named.architecture))
        return FinishedWheel(made, (*lines, *_levels(report), f"{made.name}: {tag.reason}"))


def _vendored(
    wheel: Path, scratch: Path, target: Target, maps: Maps, cc: str | None
) -> tuple[Path | None, tuple[str, ...]]:
    """The wheel with all libraries in it that the target's systems may lack, and what was done; (None, the reason) if
    one of them cannot run on the target.
    """
    report = verify([wheel], target, policy=library_rules(target, maps), maps=maps)
    foreign = [
        finding.library or ""
        for file in report.files
        for finding in file.findings
        if finding.kind in ("library-not-allowed", "library-denied")
    ]
    if not foreign:
        return wheel, ()
    (scratch / "vendored").mkdir()
    made = vendor_libraries(wheel, scratch / "vendored")
    lines: tuple[str, ...] = (f"{wheel.name}: put into it from this host: {', '.join(sorted(set(foreign)))}",)
    report = verify([made], target, policy=NO_POLICY, maps=maps)
    if report.exit_status == 0:
        return made, lines
    outcome = repair([made], target, scratch / "repaired", compiler=cc, maps=maps)
    if outcome.exit_status:
        return None, (*lines, *_refused(report).lines)
    names = [Path(file.path.partition(INSIDE)[2]).name for file in outcome.files if file.status == "repaired"]
    (repaired,) = (scratch / "repaired").iterdir()
    return repaired, (*lines, f"{wheel.name}: repaired for glibc {target.glibc}: {', '.join(names)}")


def _refused(report: Report) -> FinishedWheel:
    text = render(report._replace(files=tuple(file for file in report.files if file.verdict != "ok")))
    return FinishedWheel(None, (*report.errors, *text.splitlines()))


def _levels(report: Report) -> list[str]:
    """The notes about processors: a tag does not say that a file needs more than the oldest of its architecture."""
    return [
        f"{Path(file.path.partition(INSIDE)[2]).name}: {finding.message}"
        for file in report.files
        for finding in file.findings
        if finding.kind == "x86-level"
    ]


def _copy(wheel: Path, output: Path) -> Path:
    try:
        output.mkdir(parents=True, exist_ok=True)
        place = output / wheel.name
        if not place.exists() or not place.samefile(wheel):
            shutil.copyfile(wheel, place)
    except OSError as error:
        raise OutputError(f"cannot write {output / wheel.name}: {error.strerror}") from error
    return place
