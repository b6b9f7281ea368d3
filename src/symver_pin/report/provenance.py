"""Where a report comes from: the version of the program, the command and the time."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import NamedTuple

from symver_pin import __version__
from symver_pin.errors import UsageError

EPOCH = "SOURCE_DATE_EPOCH"
"""The variable with which reproducible builds fix the time: seconds since 1970-01-01 UTC
(https://reproducible-builds.org/specs/source-date-epoch/)."""


class Provenance(NamedTuple):
    """The origin of a report."""

    version: str
    """The version of symver-pin."""
    command: tuple[str, ...]
    """The words of the command line, ``symver-pin`` first."""
    time: str
    """When the report was begun, in UTC: ``2026-12-01T22:50:46Z``."""


def provenance_of(command: tuple[str, ...]) -> Provenance:
    """The origin of a report that a command line makes now, or at ``SOURCE_DATE_EPOCH``.

    Raises UsageError if that variable is no number of seconds.
    """
    text = os.environ.get(EPOCH)
    try:
        moment = datetime.now(timezone.utc) if not text else datetime.fromtimestamp(int(text), timezone.utc)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"{EPOCH}={text}: not a number of seconds since 1970") from error
    return Provenance(__version__, command, moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
