"""The architectures whose code is read, by name; an architecture is added by a module and a row here."""

from __future__ import annotations

from symver_pin.verify.machine_aarch64 import AARCH64
from symver_pin.verify.machine_arm import ARM
from symver_pin.verify.machine_code import Machine
from symver_pin.verify.machine_i386 import I386
from symver_pin.verify.machine_s390x import S390X
from symver_pin.verify.machine_x86_64 import X86_64

MACHINES: dict[str, Machine] = {"aarch64": AARCH64, "arm": ARM, "i386": I386, "s390x": S390X, "x86_64": X86_64}
