"""A ledger over a time of its own, and a provider that counts what really arrives."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.models.licensing.providers import ProviderName
from app.models.licensing.quotas import LONGEST_CALL, CountedWindow, Leaving, Turn, Wish
from app.repositories.mongo import Mongo
from app.repositories.provider_quotas import ProviderQuotaRepository

PROVIDER = ProviderName.SOUNDSTRIPE
BEGINNING = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass
class CallUnderWay:
    kind: str
    reserved_at: datetime


@dataclass
class QuotaWorld:
    """Calls arrive at any moment between their reservation and their end, or the last moment of a killed one."""

    mongo: Mongo
    windows: tuple[CountedWindow, ...]
    now: datetime = BEGINNING
    under_way: list[CallUnderWay] = field(default_factory=list)
    arrived: list[tuple[datetime, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = ProviderQuotaRepository(self.mongo, lambda: self.now)

    async def turn(self, *wishes: Wish, leaving: tuple[Leaving, ...] = ()) -> Turn:
        return await self.ledger.turn(PROVIDER, self.windows, wishes, leaving)

    async def reserve(self, kind: str, count: int, *, background: bool = False) -> int:
        turn = await self.turn(Wish(kind, background, count))
        self.under_way += [CallUnderWay(kind, turn.standing.as_of) for _ in range(turn.granted[0])]
        return turn.granted[0]

    def arrive(self, call: CallUnderWay, share: float) -> None:
        """It arrived somewhere between its reservation and now."""
        latest = min(self.now, call.reserved_at + LONGEST_CALL)
        self.arrived.append((call.reserved_at + (latest - call.reserved_at) * share, call.kind))

    async def end(self, position: int, share: float) -> None:
        call = self.under_way.pop(position % len(self.under_way))
        self.arrive(call, share)
        # A call that took longer than any may has been cut off, and is not settled.
        if self.now <= call.reserved_at + LONGEST_CALL:
            await self.turn(leaving=(Leaving(call.kind, call.reserved_at, 1),))

    def kill(self, position: int, share: float) -> None:
        """Nobody settles it; what it has sent arrives at any moment until the last one."""
        call = self.under_way.pop(position % len(self.under_way))
        self.arrived.append((call.reserved_at + LONGEST_CALL * share, call.kind))

    def most_within(self, window: CountedWindow) -> int:
        """The most calls that arrived in any stretch of the window's length, both of its ends included."""
        times = sorted(at for at, kind in self.arrived if window.counts(kind))
        most, first = 0, 0
        for last, at in enumerate(times):
            while at - times[first] > window.length:
                first += 1
            most = max(most, last - first + 1)
        return most


def standard_windows(
    minute: int | None = None, hour: int | None = None, day: int | None = None, *extra: CountedWindow
) -> tuple[CountedWindow, ...]:
    return (
        CountedWindow("perMinute", timedelta(minutes=1), minute),
        CountedWindow("perHour", timedelta(hours=1), hour),
        CountedWindow("perDay", timedelta(days=1), day),
        *extra,
    )
