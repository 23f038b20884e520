"""What the server says about the commands of a repository: which plan it took, and how much it read for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from app.repositories.mongo import Mongo

# What belongs to a session or to the connection, and not to the question.
_NOT_EXPLAINED = {
    "lsid",
    "$db",
    "$clusterTime",
    "$readPreference",
    "txnNumber",
    "autocommit",
    "startTransaction",
    "readConcern",
    "writeConcern",
    "maxTimeMS",
}
_PARTS = {"update": "updates", "delete": "deletes"}
_EXPLAINED = {"find", "aggregate", "findAndModify", "count", "distinct", *_PARTS}


class Recorder(CommandListener):
    """Keeps every command that reads or looks for what it changes."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in _EXPLAINED:
            command = {name: value for name, value in event.command.items() if name not in _NOT_EXPLAINED}
            self.commands += _one_by_one(event.command_name, command)

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


class RecordedMongo(Mongo):
    """The same database through a client that is listened to."""

    def __init__(self, uri: str, database: str) -> None:
        super().__init__(uri, database)
        self.recorder = Recorder()
        self.client = AsyncIOMotorClient(uri, tz_aware=True, event_listeners=[self.recorder])
        self.db = self.client[database]
        self.in_thread = self.client.delegate[database]


@dataclass(frozen=True)
class Plan:
    """How one command was carried out."""

    command: dict[str, Any]
    stages: tuple[str, ...]
    indexes: frozenset[str]
    keys_examined: int
    documents_examined: int

    @property
    def collection(self) -> str:
        return next(iter(self.command.values()))


async def plans_of(mongo: RecordedMongo) -> list[Plan]:
    """Explain everything that was asked since the last call, as the planner sees it now."""
    commands, mongo.recorder.commands = mongo.recorder.commands, []
    return [await _explain(mongo, command) for command in commands]


async def _explain(mongo: RecordedMongo, command: dict[str, Any]) -> Plan:
    answer = await mongo.db.command({"explain": command, "verbosity": "executionStats"})
    plans = list(_found(answer, "winningPlan"))
    assert plans, answer
    return Plan(
        command,
        tuple(stage for plan in plans for stage in _found(plan, "stage")),
        frozenset(name for plan in plans for name in _found(plan, "indexName")),
        max(_found(answer, "totalKeysExamined"), default=0),
        max(_found(answer, "totalDocsExamined"), default=0),
    )


def _one_by_one(name: str, command: dict[str, Any]) -> list[dict[str, Any]]:
    """`explain` takes a command with one update or one deletion."""
    if name not in _PARTS:
        return [command]
    return [{**command, _PARTS[name]: [part]} for part in command[_PARTS[name]]]


def _found(answer: Any, wanted: str) -> Iterator[Any]:
    if isinstance(answer, list):
        for one in answer:
            yield from _found(one, wanted)
    elif isinstance(answer, dict):
        for name, value in answer.items():
            if name == wanted:
                yield value
            elif name != "rejectedPlans":
                yield from _found(value, wanted)
