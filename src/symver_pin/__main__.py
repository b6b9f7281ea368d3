"""``python -m symver_pin`` is the same program as the ``symver-pin`` command."""

import sys

from symver_pin.cli import main

if __name__ == "__main__":
    sys.exit(main())
