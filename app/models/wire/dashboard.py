"""An artist's dashboard as it is shown."""

from typing import Self

from app.models.stats.dashboard import Activity, Dashboard, TrackStanding
from app.models.stats.periods import TimeRange
from app.models.stats.playlists import PlaylistCounts, SubmissionStatus
from app.models.stats.tallies import Tally, growth, ratio
from app.models.stats.tracks import Artist
from app.models.wire.base import CamelModel, Moment
from app.models.wire.stats_analytics import FROM, TO


class SetAside(CamelModel):
    """Plays in the range that do not count: of known bots, and the artist's own."""

    bots: int
    own_plays: int


class Overview(CamelModel):
    """Sums over the range. Durations in seconds, rates in percent; listeners are distinct sessions."""

    total_tracks: int
    total_plays: int
    total_likes: int
    total_shares: int
    total_downloads: int
    total_saves: int
    unique_listeners: int
    unique_listeners_is_estimate: bool
    avg_duration: float
    avg_completion_rate: float
    set_aside: SetAside

    @classmethod
    def of(cls, found: Dashboard) -> Self:
        """Show the sums."""
        tally = found.current.counted
        return cls(
            total_tracks=len(found.titles),
            total_plays=tally.plays,
            total_likes=tally.likes,
            total_shares=tally.shares,
            total_downloads=tally.downloads,
            total_saves=tally.saves,
            unique_listeners=found.uniques.count,
            unique_listeners_is_estimate=found.uniques.is_estimate,
            avg_duration=tally.avg_duration,
            avg_completion_rate=tally.avg_completion_rate,
            set_aside=SetAside(bots=found.current.bots.plays, own_plays=found.current.own.plays),
        )


class ArtistProfile(CamelModel):
    """Who the artist is."""

    id: str
    name: str
    user_id: str
    exclude_own_plays: bool
    created_at: Moment | None

    @classmethod
    def of(cls, artist: Artist) -> Self:
        """Show a profile."""
        return cls(
            id=artist.id,
            name=artist.name,
            user_id=artist.user_id,
            exclude_own_plays=artist.exclude_own_plays,
            created_at=artist.created_at,
        )


class RecentPlayShown(CamelModel):
    """One play; nothing tells who listened."""

    track_id: str
    title: str
    timestamp: Moment
    source: str | None
    duration: float | None
    completion_rate: float | None
    country: str | None


class RecentLikeShown(CamelModel):
    """One like; nothing tells whose."""

    track_id: str
    title: str
    timestamp: Moment


class RecentActivity(CamelModel):
    """The latest events, whatever the range; the latest first."""

    plays: list[RecentPlayShown]
    likes: list[RecentLikeShown]

    @classmethod
    def of(cls, found: Dashboard | Activity) -> Self:
        """Show the latest events."""
        plays = [
            RecentPlayShown(
                track_id=play.track_id,
                title=found.titles.get(play.track_id, ""),
                timestamp=play.timestamp,
                source=play.source,
                duration=play.duration,
                completion_rate=play.completion_rate,
                country=play.country,
            )
            for play in found.plays
        ]
        likes = [
            RecentLikeShown(track_id=like.track_id, title=found.titles.get(like.track_id, ""), timestamp=like.timestamp)
            for like in found.likes
        ]
        return cls(plays=plays, likes=likes)


class ActivityAnswer(RecentActivity):
    """The latest events at a moment."""

    as_of: Moment

    @classmethod
    def of_activity(cls, found: Activity) -> Self:
        """Show them."""
        return cls(as_of=found.at, **dict(RecentActivity.of(found)))


class TopTrack(CamelModel):
    """A track and what it added up to in the range."""

    track_id: str
    title: str
    total_plays: int
    total_likes: int
    total_shares: int
    total_downloads: int
    total_saves: int
    avg_duration: float
    avg_completion_rate: float

    @classmethod
    def of(cls, standing: TrackStanding) -> Self:
        """Show a track."""
        tally = standing.tally
        return cls(
            track_id=standing.track.id,
            title=standing.track.title,
            total_plays=tally.plays,
            total_likes=tally.likes,
            total_shares=tally.shares,
            total_downloads=tally.downloads,
            total_saves=tally.saves,
            avg_duration=tally.avg_duration,
            avg_completion_rate=tally.avg_completion_rate,
        )


class EngagementShown(CamelModel):
    """Percent of the plays, zero without any; `completionRate` is how much of a track is heard on average."""

    like_rate: float
    share_rate: float
    save_rate: float
    download_rate: float
    completion_rate: float

    @classmethod
    def of(cls, tally: Tally) -> Self:
        """Show rates."""
        return cls(
            like_rate=100 * ratio(tally.likes, tally.plays),
            share_rate=100 * ratio(tally.shares, tally.plays),
            save_rate=100 * ratio(tally.saves, tally.plays),
            download_rate=100 * ratio(tally.downloads, tally.plays),
            completion_rate=tally.avg_completion_rate,
        )


class PlaylistStats(CamelModel):
    """The caller's playlists, and their submissions to anybody's."""

    playlists: int
    submissions: int
    pending_submissions: int
    accepted_submissions: int
    rejected_submissions: int

    @classmethod
    def of(cls, counts: PlaylistCounts) -> Self:
        """Show counts."""
        by_status = counts.submissions
        return cls(
            playlists=counts.playlists,
            submissions=sum(by_status.values()),
            pending_submissions=by_status.get(SubmissionStatus.PENDING, 0),
            accepted_submissions=by_status.get(SubmissionStatus.ACCEPTED, 0),
            rejected_submissions=by_status.get(SubmissionStatus.REJECTED, 0),
        )


class GrowthShown(CamelModel):
    """Percent above the period of the same length before; null when that was empty, or there is none."""

    plays_growth: float | None
    likes_growth: float | None
    shares_growth: float | None

    @classmethod
    def of(cls, current: Tally, previous: Tally | None) -> Self:
        """Compare two periods."""
        before = previous or Tally()
        return cls(
            plays_growth=growth(current.plays, before.plays),
            likes_growth=growth(current.likes, before.likes),
            shares_growth=growth(current.shares, before.shares),
        )


class DashboardAnswer(CamelModel):
    """Everything about an artist's own tracks."""

    time_range: TimeRange
    start: Moment | None = FROM
    end: Moment = TO
    overview: Overview
    artist_profile: ArtistProfile
    recent_activity: RecentActivity
    top_tracks: list[TopTrack]
    engagement: EngagementShown
    playlist_stats: PlaylistStats
    growth: GrowthShown

    @classmethod
    def of(cls, found: Dashboard) -> Self:
        """Show a dashboard."""
        return cls(
            time_range=found.time_range,
            start=found.start,
            end=found.end,
            overview=Overview.of(found),
            artist_profile=ArtistProfile.of(found.artist),
            recent_activity=RecentActivity.of(found),
            top_tracks=[TopTrack.of(standing) for standing in found.top_tracks],
            engagement=EngagementShown.of(found.current.counted),
            playlist_stats=PlaylistStats.of(found.playlists),
            growth=GrowthShown.of(found.current.counted, found.previous),
        )
