"""Takes batches of events: each event once, all or nothing as to faults, with a receipt for each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from app.errors import DomainError
from app.metrics import STATS_EVENTS
from app.models.stats.events import Batch, EventStatus, Exclusion, Ingested, Receipt, Sender, StatsEvent
from app.models.stats.recorded import Recorded
from app.services.group_commit import Bounds, GroupCommit

# Larger groups are faster, because a counter is changed once for all events of a track: with 1,000 tracks a
# transaction of 1,000 events does 22,600 a second, one of 4,000 30,600, one of 8,000 27,800 (2 cores).
_BOUNDS = Bounds(max_group=4_000, max_waiting=40_000)


class Events(Protocol):
    """Where events are kept."""

    async def record(self, batches: Sequence[Batch], /) -> list[Recorded]:
        """Write the really new events of all batches in one transaction."""
        ...


class BotJudge(Protocol):
    """Tells events of programs from those of people."""

    def judge(self, events: Sequence[StatsEvent], sender: Sender) -> Mapping[int, Exclusion]:
        """Verdicts by the event's index; events without an objection are absent."""
        ...


class IngestService:
    """The way of an event from a request into the ledger."""

    def __init__(self, events: Events, bots: BotJudge) -> None:
        self._events = events
        self._bots = bots
        self._engine: GroupCommit[Batch, Recorded] = GroupCommit(
            "stats_events", self._commit, weigh=_weight, bounds=_BOUNDS
        )
        self._counted = {status: STATS_EVENTS.labels(status.value) for status in EventStatus}

    async def ingest(
        self, events: Sequence[StatsEvent], refused: Sequence[Receipt], sender: Sender, arrived_at: datetime
    ) -> Ingested:
        """Count what is new among the well-formed events of one request, and say what became of each.

        `refused` are the receipts of the others. After `Unavailable` the same request can be made again.

        Raises:
            Unavailable: the database is away or too much waits; nothing, or all of it, was written.
        """
        recorded = Recorded()
        if events:
            verdicts = dict(self._bots.judge(events, sender))
            recorded = await self._engine.submit(Batch(list(events), sender, arrived_at, verdicts))
        receipts = sorted((*recorded.receipts, *refused), key=_place)
        self._count(recorded, len(refused))
        return Ingested(recorded.accepted, recorded.duplicates, recorded.rejected + len(refused), tuple(receipts))

    async def close(self) -> None:
        """Commit what waits, and take no more."""
        await self._engine.close()

    async def _commit(self, batches: Sequence[Batch]) -> Sequence[Recorded | DomainError]:
        return await self._events.record(batches)

    def _count(self, recorded: Recorded, refused: int) -> None:
        self._counted[EventStatus.ACCEPTED].inc(recorded.accepted)
        self._counted[EventStatus.DUPLICATE].inc(recorded.duplicates)
        self._counted[EventStatus.REJECTED].inc(recorded.rejected + refused)
        for receipt in recorded.receipts:
            if receipt.status in _REMARKS:
                self._counted[receipt.status].inc()


_REMARKS = {EventStatus.BOT, EventStatus.OWN_PLAY, EventStatus.CLAMPED}


def _weight(batch: Batch) -> int:
    return len(batch.events)


def _place(receipt: Receipt) -> int:
    return receipt.index
