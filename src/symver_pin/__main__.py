"""``python -m symver_pin`` is the same program as the ``symver-pin`` command."""

from symver_pin.cli import console

if __name__ == "__main__":
    console()
