"""A larger draw: two changed fields at once, one in the main file and one in its library, chosen by a seed."""

from __future__ import annotations

import random

from .kinds_tables import CHANGES
from .kinds_versions import OF_LIBRARY, OWN, USE, V1_V2, of_main
from .workshop import Workshop

LINKERS = ("bfd", "gold", "lld", "mold")


def pairs(shop: Workshop, count: int, seed: int) -> None:
    """``count`` cases; the same seed makes the same cases."""
    chance = random.Random(seed)
    mine, theirs = {**CHANGES, **of_main("V1", "foo")}, {**CHANGES, **OF_LIBRARY}
    for number in range(count):
        is_library, linkers = chance.random() < 0.5, chance.choices(LINKERS, k=2)
        one, other = chance.choice(sorted(mine)), chance.choice(sorted(theirs))
        folder = shop.case("pair", f"{number:05}-{one}-{other}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", OWN, versions=V1_V2, linker=linkers[0])
        shop.main(folder, USE, ["-rpath=$ORIGIN/lib", library], is_library, linkers[1])
        try:
            shop.patched(library, theirs[other])
            shop.patched(folder / "main", mine[one])
        except LookupError:  # the linker wrote no such field
            shop.drop_case()
