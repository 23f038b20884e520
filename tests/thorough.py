"""How much a test does of what it could do without end: enough for every change, and more before a release.

`PLAYLEDGER_THOROUGH=1 make test` is for before a release.
"""

import os

IS_THOROUGH = os.environ.get("PLAYLEDGER_THOROUGH", "") not in ("", "0")


def usually(few: int, *, thoroughly: int) -> int:
    """How many."""
    return thoroughly if IS_THOROUGH else few
