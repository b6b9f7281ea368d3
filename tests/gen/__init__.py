"""The pin header alone, and with the linker script of `gen --format ld`."""
