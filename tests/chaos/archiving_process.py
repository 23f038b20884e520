"""A process that archives, and kills itself with `kill -9` at a line of ours, whichever it is told.

Reads numbers from standard input, and for each runs the archive in a child that dies at the line with this number
(0: at none); answers with the child's exit code. Children are forked before anything talks
to the database, so that each costs no start of the interpreter.
"""

import asyncio
import os
import signal
import sys
import threading
from multiprocessing import get_context
from types import FrameType
from typing import Any

import pyarrow.parquet  # noqa: F401 - loaded once, for all children

from app.logs import configure_logs
from app.repositories.mongo import Mongo
from app.services.stats import archive_removing
from tests.archiving import archiver

TRACED = ("/app/services/stats/archive", "/app/repositories/stats_archiv")


class Executioner:
    """Counts lines, in all threads, and kills at one of them."""

    def __init__(self, deadly: int) -> None:
        self._left = deadly

    def trace(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if not any(place in frame.f_code.co_filename for place in TRACED):
            return None
        if event == "line":
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.trace


async def archive(uri: str, database: str, location: str) -> None:
    # So that a part is removed in several transactions, and can be cut off between them.
    archive_removing.ROWS_AT_ONCE = 3
    mongo = Mongo(uri, database)
    await archiver(mongo, location, leases=Free()).run()
    mongo.close()


class Free:
    """The lease of a killed process ends by itself; nobody waits for that here."""

    async def acquire(self, *_: Any) -> bool:
        return True

    async def release(self, *_: Any) -> None:
        """There is nothing to give back."""


def child(uri: str, database: str, location: str, deadly: int) -> None:
    trace = Executioner(deadly).trace
    threading.settrace(trace)
    sys.settrace(trace)
    asyncio.run(archive(uri, database, location))


def main(uri: str, database: str, location: str) -> None:
    configure_logs(as_json=True, level="error")
    for line in sys.stdin:
        process = get_context("fork").Process(target=child, args=(uri, database, location, int(line)))
        process.start()
        process.join()
        sys.stdout.write(f"{process.exitcode}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
