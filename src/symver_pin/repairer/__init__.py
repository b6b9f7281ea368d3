"""Repair finished files: rewrite programs and libraries, without their source, so that they run on an older glibc.

``run`` is one repair from the paths to the ``Outcome``. ``members`` and ``packages`` collect its files, ``batch``
repairs a set of them in memory: ``check`` judges it with the verifier, ``decide`` finds what becomes of each import,
``plan`` makes the change of a file of that, ``compat_library`` and ``host_runtimes`` bring the libraries that are
added; ``embedding`` puts members into the file instead. ``rewriting`` carries a change out, and ``write`` puts the
results into place.
"""

from symver_pin.repairer.decide import Decision
from symver_pin.repairer.outcome import Outcome, RepairedFile
from symver_pin.repairer.run import repair

__all__ = ["Decision", "Outcome", "RepairedFile", "repair"]
