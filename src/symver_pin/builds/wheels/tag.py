"""The platform tag of a wheel, decided by the verdicts on its files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from symver_pin.errors import UsageError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.glibc.release import OLDEST_TARGET, Release
from symver_pin.loader.verdict import INSIDE
from symver_pin.verifier.policies.policy import Policy
from symver_pin.verifier.policies.table import find_policy, policy_names
from symver_pin.verifier.report import Report
from symver_pin.verifier.run import verify

AUTO = "auto"
_MANYLINUX = re.compile(r"manylinux_(\d+)_(\d+)")


class Tag(NamedTuple):
    """The tag that a wheel deserves."""

    release: Release
    reason: str
    """What decided it: the finding by which the next older policy refuses the wheel."""


def decide_tag(wheel: Path, policy: str, maps: Maps) -> Tag | Report:
    """The tag of ``policy``, or with ``auto`` of the oldest manylinux policy that all files of a wheel obey; else the
    report by which the policy, or the newest one, refuses it.

    No tag below manylinux_2_12 is given: the symbol tables begin there.
    """
    named = _policies(maps) if policy == AUTO else [manylinux_policy(policy, maps)]
    reason = f"asked for, and all files obey {named[0][1].name}"
    if policy == AUTO:
        reason = f"all files obey {named[0][1].name}, the oldest policy"
    lowest = OLDEST_TARGET
    for number, (release, each) in enumerate(named):
        if any(newer < lowest for newer, _policy in named[number + 1 : number + 2]):
            continue  # the next policy is too old as well: neither holds, and neither is the reason
        report = verify([wheel], maps.target(each.target or str(release)), policy=each, maps=maps)
        if report.exit_status == 0:
            return Tag(release, reason)
        reason = _first_refusal(report, each.name)
        lowest = max((file.lowest_glibc for file in report.files if file.lowest_glibc is not None), default=lowest)
    return report


def manylinux_policy(name: str, maps: Maps) -> tuple[Release, Policy]:
    """The manylinux policy that a user named (``manylinux2014``), with its release. Raises UsageError for any other."""
    found = find_policy(name, maps)
    matched = _MANYLINUX.fullmatch(found.name)
    if matched is None:
        raise UsageError(f"--policy {name}: a wheel's tag names a manylinux policy (manylinux2014), or auto")
    return Release(int(matched[1]), int(matched[2])), found


def library_rules(target: Target, maps: Maps) -> Policy:
    """The policy whose list of libraries holds for a target: that of its release, or of the next newer one."""
    policies = _policies(maps)
    return next((policy for release, policy in policies if release >= target.glibc), policies[-1][1])


def _policies(maps: Maps) -> list[tuple[Release, Policy]]:
    names = [name for name in policy_names(maps) if _MANYLINUX.fullmatch(name)]
    found = [manylinux_policy(name, maps) for name in names]
    return sorted([each for each in found if each[0] >= OLDEST_TARGET], key=lambda each: each[0])


def _first_refusal(report: Report, policy: str) -> str:
    for file in report.files:
        for finding in file.findings:
            if finding.fails:
                names = [symbol.name for symbol in finding.symbols[:3]]
                symbols = f" ({', '.join(names)}{' ...' if len(finding.symbols) > len(names) else ''})" if names else ""
                return f"{policy} refuses {file.path.partition(INSIDE)[2]}: {finding.message}{symbols}"
    return f"{policy} refuses it: {'; '.join(report.errors)}"
