"""The formats of a verifier's report: one module for each, and the ``table`` of them."""

from symver_pin.report.formats.table import FORMATS, check_format, render, writer_of

__all__ = ["FORMATS", "check_format", "render", "writer_of"]
