"""Processes that take one batch each, and kill themselves with `kill -9` at a command to the database.

Reads lines of JSON from standard input, each a list of jobs `{"events", "user", "deadly"}`; runs the jobs of a line at
the same time, each in a child, which dies just before its `deadly`th command is sent (0: never), or, when `deadly` is
negative, just after the answer to that command has come. Writes a line for each list: the exit codes, and what the
children answered. They are forked before anything talks to the database, so that each costs no start of the
interpreter.
"""

import asyncio
import json
import os
import signal
import sys
from dataclasses import asdict
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import pymongo.monitoring

from app.clock import SystemClock
from app.logs import configure_logs
from app.models.stats.events import Sender
from app.repositories.mongo import Mongo
from app.repositories.stats_events import StatsEventRepository
from app.services.stats.bots import BotRules
from app.services.stats.event_batches import read_events
from app.services.stats.ingest import IngestService

Job = dict[str, Any]
PLAYS_A_MINUTE = 6_000


class Executioner(pymongo.monitoring.CommandListener):
    """Counts commands, and kills at one of them."""

    def __init__(self, deadly: int) -> None:
        self._deadly = deadly
        self.names: list[str] = []

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        self.names.append(event.command_name)
        self._kill_if(self._deadly == len(self.names))

    def succeeded(self, _event: pymongo.monitoring.CommandSucceededEvent) -> None:
        self._kill_if(self._deadly == -len(self.names))

    def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None:
        """Another may have been in the way; it is tried again."""

    def _kill_if(self, is_due: bool) -> None:
        if is_due:
            os.kill(os.getpid(), signal.SIGKILL)


async def ingest(uri: str, database: str, job: Job) -> dict[str, Any]:
    executioner = Executioner(job["deadly"])
    pymongo.monitoring.register(executioner)
    mongo = Mongo(uri, database)
    service = IngestService(StatsEventRepository(mongo), BotRules(PLAYS_A_MINUTE))
    now = SystemClock().now()
    events, refused = read_events(job["events"], now, job["user"])
    ingested = await service.ingest(events, refused, Sender(job["user"], None, "Mozilla/5.0", None), now)
    commands = list(executioner.names)
    await service.close()
    mongo.close()
    return asdict(ingested) | {"commands": commands}


def child(uri: str, database: str, job: Job, answers: Connection) -> None:
    answers.send(asyncio.run(ingest(uri, database, job)))


def run_all(uri: str, database: str, jobs: list[Job]) -> list[Job]:
    context, running = get_context("fork"), []
    for job in jobs:
        answers, to_us = context.Pipe(duplex=False)
        process = context.Process(target=child, args=(uri, database, job, to_us))
        process.start()
        to_us.close()
        running.append((process, answers))
    return [finished(process, answers) for process, answers in running]


def finished(process: Any, answers: Connection) -> Job:
    try:
        answer = answers.recv()
    except EOFError:
        answer = None
    process.join()
    return {"exit": process.exitcode, "answer": answer}


def main(uri: str, database: str) -> None:
    configure_logs(as_json=True, level="error")
    for line in sys.stdin:
        done = run_all(uri, database, json.loads(line))
        sys.stdout.write(json.dumps(done) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
