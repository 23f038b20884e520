"""Counts one view per user and song."""

from collections.abc import Sequence

from app.clock import Clock
from app.errors import DomainError, Failed, NotFound
from app.metrics import VIEWS
from app.models.pages import Page
from app.models.songs import SongKey
from app.models.views import Engagement, View, ViewRecorded, ViewReport
from app.services.copyright_free.announcements import Announcements
from app.services.copyright_free.ports import Songs, Views
from app.services.copyright_free.song_names import SongNames
from app.services.group_commit import GroupCommit, Merging

_NEW = VIEWS.labels("new")
_REPEAT = VIEWS.labels("repeat")
_REFUSED = VIEWS.labels("refused")


class ViewService:
    """The view route's decisions; writing is the group-commit engine's business."""

    def __init__(
        self, songs: Songs, names: SongNames, views: Views, announcements: Announcements, clock: Clock
    ) -> None:
        self._songs = songs
        self._names = names
        self._views = views
        self._announcements = announcements
        self._clock = clock
        self._engine = GroupCommit[ViewReport, ViewRecorded | None](
            "views", views.record, merging=Merging(_identity_of, _fold), after_commit=self._tell
        )

    async def record(self, user_id: str, reference: str, engagement: Engagement) -> tuple[int, bool]:
        """Count the user's view of a song, unless it was counted before, and return `(view count, has viewed)`.

        A report below the threshold is not recorded; the answer then tells what was counted so far.

        Raises:
            NotFound: there is no such song.
            Unavailable: the view was not made durable in time; the same call can be made again.
            Failed: the view cannot be written, which is a fault of ours or of the stored data.
        """
        if not engagement.qualifies:
            _REFUSED.inc()
            return await self._as_it_stands(user_id, reference)
        recorded = await self._count(user_id, reference, engagement)
        return recorded.counts.view_count, True

    async def history(self, user_id: str, cursor: str | None, limit: int) -> Page[View]:
        """The user's own views, the latest listened first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        return await self._views.history(user_id, cursor, limit)

    async def close(self) -> None:
        """Commit what waits, and end."""
        await self._engine.close()

    async def _count(self, user_id: str, reference: str, engagement: Engagement) -> ViewRecorded:
        try:
            recorded = await self._commit(user_id, reference, engagement)
            if recorded is None:
                # The song is gone or has another slug now. What we remembered is out of date, so look once more.
                self._names.forget(reference)
                recorded = await self._commit(user_id, reference, engagement)
        except DomainError:
            raise
        except Exception as error:
            raise Failed("Failed to record view") from error
        if recorded is None:
            raise NotFound("Song not found")
        return recorded

    async def _commit(self, user_id: str, reference: str, engagement: Engagement) -> ViewRecorded | None:
        return await self._engine.submit(
            ViewReport(
                user_id=user_id,
                song_key=await self._names.key(reference),
                reference=reference,
                duration_ms=engagement.duration_ms or 0,
                progress_pct=engagement.progress_pct or 0,
                is_complete=bool(engagement.is_complete),
                at=self._clock.now(),
            )
        )

    async def _as_it_stands(self, user_id: str, reference: str) -> tuple[int, bool]:
        song = await self._songs.get(reference)
        return song.counts.view_count, await self._views.has_viewed(user_id, song.key)

    def _tell(self, committed: Sequence[ViewRecorded | None]) -> None:
        views = [recorded for recorded in committed if recorded is not None]
        new = sum(view.is_new for view in views)
        _NEW.inc(new)
        _REPEAT.inc(sum(view.reports for view in views) - new)
        self._announcements.announce(view.counts for view in views)


def _identity_of(report: ViewReport) -> tuple[str, SongKey, str]:
    return report.user_id, report.song_key, report.reference


def _fold(older: ViewReport, newer: ViewReport) -> ViewReport:
    """Two reports of one user on one song are one write: the maximum of each."""
    return ViewReport(
        user_id=older.user_id,
        song_key=older.song_key,
        reference=older.reference,
        duration_ms=max(older.duration_ms, newer.duration_ms),
        progress_pct=max(older.progress_pct, newer.progress_pct),
        is_complete=older.is_complete or newer.is_complete,
        at=max(older.at, newer.at),
        reports=older.reports + newer.reports,
    )
