"""Which behaviour program the tests run in which circumstance, and why not in the others: ``circumstances.tsv``.

* ``real``: on the functions of a libc that has them, without members;
* ``host``, ``2.17``: on the members, on this machine's libc and on the real one;
* ``enosys``, ``eperm``: the kernel refuses the system calls that the members make;
* ``asan``, ``tsan``: compiled with the members under the address and undefined-behaviour sanitisers, or the thread
  sanitiser;
* ``cancel``: in a thread whose cancellation is pending;
* ``fork``: in a child that a process with several threads forked;
* ``signal``: in a signal handler that interrupts another run of the program;
* ``dlclose``: in a library that is unloaded afterwards.

``harness.h`` brings about the last four.

The programs in ``programs/time64`` are for 32-bit architectures, and have no lines here: ``test_time64.py`` runs them
on libc's own functions, on the members with a new libc and an old one, and while the kernel refuses the system calls;
they cancel waiting threads themselves.
"""

from pathlib import Path

TABLE = Path(__file__).with_name("circumstances.tsv")

RUN = "+"
"""The value for a program that is run in a circumstance."""


def load() -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Program -> circumstance -> RUN or the word of a reason; and word -> reason."""
    lines = [line for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    division = lines.index("")
    names = lines[0].split("\t")[1:]
    cells = [line.split("\t") for line in lines[1:division]]
    programs = {program: dict(zip(names, values, strict=True)) for program, *values in cells}
    return programs, dict(line.split("\t") for line in lines[division + 1 :])


PROGRAMS_IN, REASONS = load()


def programs_in(circumstance: str) -> list[str]:
    """The programs that are run in a circumstance."""
    return [program for program, values in PROGRAMS_IN.items() if values[circumstance] == RUN]


def left_out(reason: str, circumstance: str) -> list[str]:
    """The programs that are not run in a circumstance, for the reason with this word."""
    return [program for program, values in PROGRAMS_IN.items() if values[circumstance] == reason]
