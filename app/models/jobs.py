"""Work that runs by itself, and what became of each run."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Summary = Mapping[str, int]
"""What a run did, in numbers."""


class Outcome(StrEnum):
    """How a run ended; `RUNNING` when it has not, or when its process was killed."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work with a name.

    `cron` is when it runs, in UTC: five fields, or six with seconds (in tens) in front.
    """

    name: str
    description: str
    cron: str
    work: Callable[[], Awaitable[Summary]]


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a job."""

    job: str
    slot: str
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome
    summary: Summary
    error: str | None
