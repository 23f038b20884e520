"""What the group-commit engine reports about itself."""

from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

from app.errors import FailureReason
from app.metrics import GROUP_COMMIT_SECONDS, GROUP_QUEUE_DEPTH, GROUP_REFUSED, GROUP_RETRIES, GROUP_SIZE


class Refusal(StrEnum):
    """Why an item was not committed."""

    FULL = "full"
    LATE = "late"
    POISON = "poison"


class GroupObserver(Protocol):
    """Hears what the engine does."""

    def commit(self, size: int) -> AbstractContextManager[object]:
        """Time one commit of `size` items."""
        ...

    def waiting(self, weight: int) -> None:
        """So much waits for a commit now."""
        ...

    def retried(self, reason: FailureReason) -> None:
        """A commit has to be made again."""
        ...

    def refused(self, reason: Refusal) -> None:
        """An item was not committed."""
        ...


class PrometheusObserver:
    """Puts it into the metrics; the labelled children are made once, not per commit."""

    def __init__(self, engine: str) -> None:
        self._size = GROUP_SIZE.labels(engine)
        self._seconds = GROUP_COMMIT_SECONDS.labels(engine)
        self._depth = GROUP_QUEUE_DEPTH.labels(engine)
        self._retries = {reason: GROUP_RETRIES.labels(engine, reason.value) for reason in FailureReason}
        self._refused = {reason: GROUP_REFUSED.labels(engine, reason.value) for reason in Refusal}

    def commit(self, size: int) -> AbstractContextManager[object]:
        """Time one commit of `size` items."""
        self._size.observe(size)
        return self._seconds.time()

    def waiting(self, weight: int) -> None:
        """Show the depth of the queue."""
        self._depth.set(weight)

    def retried(self, reason: FailureReason) -> None:
        """Count a retry."""
        self._retries[reason].inc()

    def refused(self, reason: Refusal) -> None:
        """Count a refusal."""
        self._refused[reason].inc()
