"""The packages among the archives of a verification, and their promises."""

from __future__ import annotations

from collections.abc import Callable

from symver_pin.promises.metadata import READERS
from symver_pin.promises.promise import Promise
from symver_pin.promises.wheel_name import parse_wheel_name

_BASE_NAMES = frozenset(path.rpartition("/")[2] for path in READERS)


class Package:
    """An archive, whose files may have a promise: its own, else that of the archive in which it lies.

    A file ``.conda`` is a zip archive with the files in one member (``pkg-NAME.tar.zst``) and the metadata in another
    (``info-NAME.tar.zst``): what a member of it promises holds for all.
    """

    def __init__(self, path: str, outer: Package | None = None) -> None:
        self.path = path
        name = path.rpartition("/")[2]
        self._outer, self._is_conda = outer, name.endswith(".conda")
        wheel = parse_wheel_name(name) if name.endswith(".whl") else None
        self._own = None if wheel is None else wheel.promise

    @property
    def promise(self) -> Promise | None:
        """What is known so far; the metadata may come behind the programs."""
        return self._own or (None if self._outer is None else self._outer.promise)

    def read(self, name: str, content: Callable[[], bytes]) -> None:
        """Read a member if it has metadata; ``name`` is its path in the archive."""
        if name.rpartition("/")[2] not in _BASE_NAMES:
            return
        reader = READERS.get(name.removeprefix("./"))
        found = None if reader is None else reader(content())
        if found is not None:
            in_conda = self._outer is not None and self._outer._is_conda  # noqa: SLF001  (of the same class)
            package = self._outer if in_conda and self._outer is not None else self
            package._own = package._own or found  # noqa: SLF001
