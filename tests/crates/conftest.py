"""Which tests of this folder are in a run: the long ones in `make test-crates` only, which says so by
SYMVER_PIN_CRATES=all."""

import os

collect_ignore = [] if os.environ.get("SYMVER_PIN_CRATES") == "all" else ["test_nextest.py", "test_python_module.py"]
