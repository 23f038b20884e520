"""Views as they are reported and shown."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field

from app.models.pages import Page
from app.models.views import Engagement, View, ViewAnalytics
from app.models.wire.base import CamelModel, Moment, Whole


class ViewReportBody(CamelModel):
    """What a player says of one listen; everything may be left out. Unknown fields are ignored."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"durationMs": 45000, "progressPct": 30, "isComplete": False}]}
    )

    duration_ms: Annotated[Whole, Field(description="Milliseconds listened.")] = 0
    progress_pct: Annotated[
        float, Field(ge=0, le=100, allow_inf_nan=False, description="How far the song was heard, in percent.")
    ] = 0.0
    is_complete: Annotated[bool, Field(description="Whether the song was heard to its end.")] = False

    def to_engagement(self) -> Engagement:
        """What was said and what was not, which the threshold tells apart."""
        said = self.model_fields_set
        return Engagement(
            duration_ms=self.duration_ms if "duration_ms" in said else None,
            progress_pct=self.progress_pct if "progress_pct" in said else None,
            is_complete=self.is_complete if "is_complete" in said else None,
        )


class ViewState(CamelModel):
    """The song's views, and whether the caller's is among them."""

    view_count: int
    has_viewed: bool


class DayShown(CamelModel):
    """First views on one UTC day, `YYYY-MM-DD`."""

    date: str
    views: int


class ProgressStep(CamelModel):
    """How many listeners got this far: from `fromPct` up to `toPct`, percent."""

    from_pct: int
    to_pct: int
    views: int


class AnalyticsShown(CamelModel):
    """A song's audience; rates and progress in percent."""

    total_views: int
    unique_users: int
    avg_duration_ms: float
    avg_progress_pct: float
    completion_rate: float
    views_by_day: list[DayShown]
    progress_histogram: list[ProgressStep]

    @classmethod
    def of(cls, audience: ViewAnalytics) -> Self:
        """Show analytics. A user has one view per song, so users and views are the same number."""
        width = 100 // len(audience.progress_histogram)
        return cls(
            total_views=audience.total_views,
            unique_users=audience.total_views,
            avg_duration_ms=audience.avg_duration_ms,
            avg_progress_pct=audience.avg_progress_pct,
            completion_rate=audience.completion_rate,
            views_by_day=[DayShown(date=day.day.isoformat(), views=day.views) for day in audience.views_by_day],
            progress_histogram=[
                ProgressStep(from_pct=step * width, to_pct=(step + 1) * width, views=views)
                for step, views in enumerate(audience.progress_histogram)
            ],
        )


class HistoryEntry(CamelModel):
    """One song that the caller has listened to; the title is null when the song is gone."""

    song_id: str
    title: str | None
    artist: str | None
    duration_ms: int
    progress_pct: float
    is_complete: bool
    viewed_at: Moment
    last_viewed_at: Moment


class History(CamelModel):
    """The caller's own views, the latest first."""

    items: list[HistoryEntry]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[View]) -> Self:
        """Show a page."""
        return cls(items=[_entry(view) for view in page.items], next_cursor=page.next_cursor)


def _entry(view: View) -> HistoryEntry:
    return HistoryEntry(
        song_id=view.song_id,
        title=view.title,
        artist=view.artist,
        duration_ms=view.duration_ms,
        progress_pct=view.progress_pct,
        is_complete=view.is_complete,
        viewed_at=view.viewed_at,
        last_viewed_at=view.last_viewed_at,
    )
