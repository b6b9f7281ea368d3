"""What is sent to a worker, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from symver_pin.errors import SymverPinError
from symver_pin.fleet.schema import Row


class Settings(NamedTuple):
    """What is the same for all packages of a survey."""

    targets: tuple[str, ...]
    """Releases or platforms, as ``--glibc`` takes them."""
    maps: str | None
    """The folder of the symbol tables, which every worker must have; None for the shipped ones."""
    tables: str
    """The version of the tables (``dataset.version_of``)."""
    memory: int = 256 << 20
    """The bytes of memory that judging one package may take."""
    seconds: int = 600
    """The time that reading and judging one package may take."""
    reads_all: bool = False
    """True to copy zips whole, instead of the members that may be programs."""


class Task(NamedTuple):
    """One package to judge."""

    package: str
    """A path, or an address that fsspec opens."""
    settings: Settings
    identity: str | None = None
    """Its identity when it was judged before; None for a new package."""
    sha256: str | None = None
    """Its digest when it was judged before."""


class Judged(NamedTuple):
    """The answer on one package."""

    package: str
    row: Row | None
    """Its row in ``packages``; None if it has not changed since it was judged."""
    tables: dict[str, bytes]
    """Name of the other tables -> its rows as an Arrow stream (``schema.RowStream``)."""


JudgePackage = Callable[[Task], Judged]


class CrashError(SymverPinError):
    """The process that judged a package died, ran out of time or of memory."""

    def __init__(self, message: str, identity: str | None = None) -> None:
        """``identity`` is that of the package, where it was known by then."""
        super().__init__(message, identity)
        self.identity = identity

    def __str__(self) -> str:
        return str(self.args[0])


class WorkerError(SymverPinError):
    """A worker cannot judge anything: it lacks the tables, or its process for judging does not start."""
