"""A pytest plugin (`-p registries.refusing_mirror`) under which a test run has the loopback registry for its mirrors.

The variables say where: `REFUSING_MIRROR`, a folder like /etc/apt whose sources are that registry.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import clients
import debian_archive

debian_archive.APT = Path(os.environ["REFUSING_MIRROR"])
clients.PAUSES = (0.0, 0.0)
