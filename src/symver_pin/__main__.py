"""``python -m symver_pin`` is the same program as the ``symver-pin`` command."""

import sys

from symver_pin.handover import hand_over


def main() -> None:
    """Run ``symver-pin`` as a process. Does not return."""
    hand_over(sys.argv[1:])
    from symver_pin.cli import console  # not before: a call that is handed over needs nothing of it

    console()


if __name__ == "__main__":
    main()
