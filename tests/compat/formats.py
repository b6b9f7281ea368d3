"""Floating-point formats as bit patterns: telling operands for tests, and the exact value of a pattern."""

import random
from collections.abc import Sequence
from typing import NamedTuple


class Format(NamedTuple):
    """A binary format: bits of precision (the leading one included) and of the exponent field."""

    precision: int
    exponent_bits: int
    leading_bit: bool = False
    """Whether the leading bit is stored, as in the x87's 80 bits."""

    @property
    def bias(self) -> int:
        """What the exponent field of 1.0 holds."""
        return (1 << (self.exponent_bits - 1)) - 1

    @property
    def width(self) -> int:
        """Stored bits of the significand."""
        return self.precision - 1 + self.leading_bit

    def assemble(self, negative: int, field: int, fraction: int) -> int:
        """A pattern from its parts, ``fraction`` without the leading bit."""
        if self.leading_bit and field:
            fraction |= 1 << (self.precision - 1)
        return (negative << self.exponent_bits | field) << self.width | fraction

    def parts(self, bits: int) -> tuple[int, int, int]:
        """Sign, exponent field, fraction without the leading bit."""
        fraction = bits & ((1 << (self.precision - 1)) - 1)
        field = bits >> self.width & ((1 << self.exponent_bits) - 1)
        return bits >> (self.width + self.exponent_bits) & 1, field, fraction

    def is_nan(self, bits: int) -> bool:
        """Whether a pattern is a NaN."""
        _, field, fraction = self.parts(bits)
        return field == (1 << self.exponent_bits) - 1 and fraction != 0

    def is_finite(self, bits: int) -> bool:
        """Whether a pattern is a number."""
        return self.parts(bits)[1] != (1 << self.exponent_bits) - 1

    def integer(self, bits: int) -> tuple[int, int]:
        """A finite pattern's value as (m, e), standing for m * 2**e."""
        negative, field, fraction = self.parts(bits)
        if field:
            fraction |= 1 << (self.precision - 1)
        return -fraction if negative else fraction, max(field, 1) - self.bias - self.precision + 1

    def of(self, value: float) -> int:
        """The pattern of a Python float that the format can hold."""
        negative, mantissa, exponent = str(value).startswith("-"), *_scaled(abs(value))
        if value != value or mantissa == 0 or exponent is None:
            special = (1 << self.exponent_bits) - 1
            quiet = 1 << (self.precision - 2)
            return self.assemble(negative, 0 if mantissa == 0 else special, quiet if value != value else 0)
        shift = self.precision - mantissa.bit_length()
        mantissa, exponent = (
            (mantissa << shift, exponent - shift) if shift >= 0 else (mantissa >> -shift, exponent - shift)
        )
        return self.assemble(
            negative, exponent + self.bias + self.precision - 1, mantissa & ~(1 << (self.precision - 1))
        )


def _scaled(value: float) -> tuple[int, int | None]:
    if value in (float("inf"),) or value != value:
        return 1, None
    numerator, denominator = value.as_integer_ratio()
    return numerator, 1 - denominator.bit_length()


FORMATS = {"f": Format(24, 8), "d": Format(53, 11), "l": Format(64, 15, True), "q": Format(113, 15)}
"""By the letters of ``driver.TYPES``; ``l`` is the long double of x86."""


def telling(form: Format) -> list[int]:
    """Zeros, infinities, NaNs, the ends of each range, and some plain numbers, of both signs."""
    top, special = (1 << (form.precision - 1)) - 1, (1 << form.exponent_bits) - 1
    quiet = 1 << (form.precision - 2)
    positive = [
        form.assemble(0, field, fraction)
        for field, fraction in (
            (0, 0),
            (0, 1),
            (0, top),
            (1, 0),
            (1, 1),
            (special - 1, top),
            (form.bias, 0),
            (form.bias, 1),
            (form.bias - 1, top),
            (special, 0),
            (special, 3),
            (special, quiet),
            (special, quiet | 5),
        )
    ]
    positive += [form.of(value) for value in (0.25, 0.5, 0.75, 1.5, 2.0, 3.0, 10.0, 0.1, 100.5)]
    sign = 1 << (form.width + form.exponent_bits)
    return [bits | negative for bits in positive for negative in (0, sign)]


def scattered(form: Format, count: int, draw: random.Random, spread: Sequence[int] | None = None) -> list[int]:
    """Random numbers: exponents over the whole range, or within ``spread`` (least, greatest)."""
    low, high = spread or (1 - form.bias, form.bias)
    found = []
    for _ in range(count):
        fraction = draw.getrandbits(form.precision - 1)
        if draw.random() < 0.3:  # short numbers meet ties
            keep = draw.randrange(1, form.precision)
            fraction = fraction >> (form.precision - 1 - keep) << (form.precision - 1 - keep)
        found.append(form.assemble(draw.getrandbits(1), draw.randint(low, high) + form.bias, fraction))
    return found
