"""Pauses of work in the background, so that requests get their turn."""

import time

_LONGEST_SECONDS = 0.25


class Rests:
    """Rests as long as it has worked, and not longer than a quarter of a second; for threads only.

    A rollup of 10,000 views keeps the database busy for half a second. In one go all writes of that time wait for it,
    in pieces with rests none waits for more than one piece.
    """

    def __init__(self) -> None:
        self._since = time.monotonic()

    def rest(self) -> None:
        """Pause, and count the work from here."""
        time.sleep(min(_LONGEST_SECONDS, time.monotonic() - self._since))
        self._since = time.monotonic()
