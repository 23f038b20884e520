"""The licensing cache as it is shown to admins."""

from typing import Self

from pydantic import Field

from app.models.licensing.cache import CacheReport, Holding, ShelfReport, Tally
from app.models.licensing.providers import CacheKind, ProviderName
from app.models.wire.base import CamelModel, Moment


class CacheCountsShown(CamelModel):
    """Requests by what became of them, and what is kept; `hitRate` is hits in 100 requests, `bytes` are stored."""

    hits: int
    misses: int
    stale: int
    coalesced: int = Field(description="Those of the misses that shared somebody else's call.")
    hit_rate: float
    entries: int
    bytes: int


class ShelfShown(CacheCountsShown):
    """The same of one provider and kind."""

    provider: ProviderName
    kind: CacheKind

    @classmethod
    def of(cls, report: ShelfReport) -> Self:
        """Show one."""
        return cls(
            provider=report.shelf.provider,
            kind=report.shelf.kind,
            **_counts(report.tally, report.holding).model_dump(),
        )


class CacheReportShown(CamelModel):
    """What the cache does, from `since` on."""

    since: Moment
    items: list[ShelfShown]
    totals: CacheCountsShown

    @classmethod
    def of(cls, report: CacheReport) -> Self:
        """Show a report."""
        return cls(
            since=report.since,
            items=[ShelfShown.of(shelf) for shelf in report.shelves],
            totals=_counts(report.tally, report.holding),
        )


class CacheEmptied(CamelModel):
    """How many answers are not kept any more."""

    removed: int


def _counts(tally: Tally, holding: Holding) -> CacheCountsShown:
    return CacheCountsShown(
        hits=tally.hits,
        misses=tally.misses,
        stale=tally.stale,
        coalesced=tally.coalesced,
        hit_rate=round(tally.hit_rate, 2),
        entries=holding.entries,
        bytes=holding.size,
    )
