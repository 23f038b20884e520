"""Watches the server while somebody uses it, and has it started again when it dies."""

import threading
import time
from collections.abc import Callable

from app.embedded.errors import EmbeddedMongoError
from app.embedded.server import Log, Server

# The death itself is noticed at once; this is how long `stop` may wait for the thread.
TICK_SECONDS = 0.1
SHORT_LIFE_SECONDS = 0.25
FIRST_DELAY, LONGEST_DELAY = 0.1, 10.0


def delay_before_restart(short_lives: int) -> float:
    """Seconds to wait: none for a server that has served, then twice as long after each that died at once."""
    if short_lives == 0:
        return 0
    return min(FIRST_DELAY * 2.0 ** (short_lives - 1), LONGEST_DELAY)


class Supervisor:
    """A thread that calls `restart` after each death; `restart` returns the server that runs then."""

    def __init__(self, server: Server, restart: Callable[[], Server], log: Log) -> None:
        self.server = server
        self._restart = restart
        self._log = log
        self._serves_since = time.monotonic()
        self._short_lives = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="embedded-mongo", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer; a restart under way is awaited."""
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            if self.server.process.exited(TICK_SECONDS) and not self._stopping.wait(self._note_death()):
                self._revive()

    def _note_death(self) -> float:
        """However often a server that serves is killed, it is back at once; one that cannot live is not hurried."""
        lived = time.monotonic() - self._serves_since
        self._short_lives = self._short_lives + 1 if lived < SHORT_LIFE_SECONDS else 0
        return delay_before_restart(self._short_lives)

    def _revive(self) -> None:
        dead = self.server
        self._log(f"The embedded MongoDB (process id {dead.process.pid}) has ended; it is started again.")
        try:
            self.server = self._restart()
        except (EmbeddedMongoError, OSError) as error:
            self._log(f"The embedded MongoDB could not be started again: {error}")
            return
        finally:
            self._serves_since = time.monotonic()
        dead.process.close()
        self._tell_of(dead)

    def _tell_of(self, dead: Server) -> None:
        if self.server.port == dead.port:
            self._log(f"The embedded MongoDB runs again, with process id {self.server.process.pid}.")
        else:
            self._log(f"The embedded MongoDB has moved to {self.server.uri}; start this program again to follow it.")
