"""Judges past events by the present rules: those of bots, and that of an artist's own plays."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from app.models.privacy import RowKey
from app.models.stats.events import OWN_PLAY, EventType, Exclusion
from app.models.stats.periods import Granularity, Interval
from app.models.stats.rescoring import JudgedRow, OwnPair, RescoreReport, VerdictChange, is_same
from app.services.pieces import Pieces

EVERYTHING = Interval(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))

SessionMinute = tuple[str, datetime]


class JudgedRows(Protocol):
    """Raw events, as they are judged."""

    async def next_day(self, kind: EventType, within: Interval) -> datetime | None:
        """The first day with rows."""
        ...

    async def hasty(self, within: Interval, plays_per_minute: int) -> frozenset[SessionMinute]:
        """Sessions with more plays than this in one minute."""
        ...

    def pages(self, kind: EventType, within: Interval) -> AsyncIterator[list[JudgedRow]]:
        """All rows, in pages."""
        ...

    async def own(self, pairs: AbstractSet[OwnPair]) -> set[OwnPair]:
        """Those that are an artist's own and are not counted."""
        ...

    async def judge(self, kind: EventType, changes: Sequence[VerdictChange]) -> list[VerdictChange]:
        """Write verdicts with all that follows, in one transaction; what really changed."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """The present rules: of a user agent, and `too_fast` for sessions with more than `plays_per_minute`."""

    of_user_agent: Callable[[str], Exclusion | None]
    too_fast: Exclusion
    plays_per_minute: int


class RescoringService:
    """Goes through raw events and changes the verdicts that are not what they should be."""

    def __init__(self, rows: JudgedRows, rules: Rules) -> None:
        self._rows = rows
        self._rules = rules

    async def run(self, within: Interval = EVERYTHING, progress: Callable[[int], object] = int) -> RescoreReport:
        """Judge everything raw in the interval; `progress` hears how many rows are done.

        A program is a bot whoever's name it plays under, so bots are looked for before own plays: first by user
        agent, then by speed (plays only), then own plays by who the track's artist is now. A verdict whose reason
        stays is left as it is, with the version of the rules that found it. Only rows that change are written; cut
        off at any point all counts are right, and another run does the rest. Archived rows keep their verdicts.

        Raises:
            Unavailable: the database is away, or a row is written all the time.
        """
        report = RescoreReport()
        for kind in EventType:
            async for day in self._days(kind, within):
                await self._rescore(kind, day, report, progress)
        return report

    async def _days(self, kind: EventType, within: Interval) -> AsyncIterator[Interval]:
        rest = within
        while not rest.is_empty and (day := await self._rows.next_day(kind, rest)) is not None:
            end = min(Granularity.DAY.after(day), within.end)
            yield Interval(max(day, within.start), end)
            rest = Interval(end, within.end)

    async def _rescore(
        self, kind: EventType, day: Interval, report: RescoreReport, progress: Callable[[int], object]
    ) -> None:
        hasty: frozenset[SessionMinute] = frozenset()
        if kind is EventType.PLAY:
            hasty = await self._rows.hasty(_whole_minutes(day), self._rules.plays_per_minute)
        pieces = Pieces()
        async for page in self._rows.pages(kind, day):
            own = await own_rows(self._rows, page) if kind is EventType.PLAY else set()
            wanted = {row.key: self._verdict(row, hasty) or (OWN_PLAY if row.key in own else None) for row in page}
            await settle(self._rows, kind, changes_to(page, wanted), pieces, report)
            report.looked += len(page)
            progress(report.looked)

    def _verdict(self, row: JudgedRow, hasty: frozenset[SessionMinute]) -> Exclusion | None:
        program = None if row.user_agent is None else self._rules.of_user_agent(row.user_agent)
        if program is not None or not hasty or row.timestamp is None:
            return program
        minute = row.timestamp.replace(second=0, microsecond=0)
        return self._rules.too_fast if (row.session_id, minute) in hasty else None


async def own_rows(rows: JudgedRows, page: Sequence[JudgedRow]) -> set[RowKey]:
    """The keys of those rows of a page that are an artist's own plays and are not counted."""
    pairs = {(row.user_id, row.track_id) for row in page if row.user_id is not None}
    own = await rows.own(pairs) if pairs else set()
    return {row.key for row in page if (row.user_id, row.track_id) in own}


def changes_to(page: Sequence[JudgedRow], wanted: Mapping[RowKey, Exclusion | None]) -> list[VerdictChange]:
    """What must change for every row of the page to have the verdict that is wanted for it."""
    return [
        VerdictChange(row.key, row.verdict, wanted[row.key])
        for row in page
        if row.key in wanted and not is_same(row.verdict, wanted[row.key])
    ]


async def settle(
    rows: JudgedRows, kind: EventType, changes: Sequence[VerdictChange], pieces: Pieces, report: RescoreReport
) -> None:
    """Write changes in transactions of bounded size, and report what was changed.

    Raises:
        Unavailable: as `Pieces.apply`.
    """

    async def judge(piece: Sequence[VerdictChange], is_in_doubt: bool) -> Sequence[VerdictChange]:
        made = await rows.judge(kind, piece)
        # After an unknown outcome, what is changed already was changed by us.
        return piece if is_in_doubt else made

    async for made in pieces.apply(changes, judge):
        for change in made:
            report.add(change)


def _whole_minutes(within: Interval) -> Interval:
    """A minute at the edge of the interval is judged by all of its plays."""
    start = within.start.replace(second=0, microsecond=0)
    end = within.end.replace(second=0, microsecond=0)
    return Interval(start, end if end == within.end else end + timedelta(minutes=1))
