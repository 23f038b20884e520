"""Shows, seasons and episodes as they are shown and sent."""

from datetime import datetime
from typing import Annotated, Generic, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

from app.models.episodes.catalogue import Changes, Episode, EpisodeDraft, Season, SeasonDraft, Show, ShowDraft
from app.models.wire.base import Moment, SnakeModel, whole
from app.models.wire.day_or_moment import to_moment
from app.models.wire.episodes_watching import SeriesId
from app.models.wire.songs import Address, Text

T = TypeVar("T")

_A_WEEK = 7 * 24 * 3600

_Number = Annotated[int, Field(ge=0, le=100_000)]
Number = Annotated[_Number, BeforeValidator(whole, json_schema_input_type=_Number)]
VideoId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="As YouTube names it.")]
_Duration = Annotated[int, Field(ge=1, le=_A_WEEK, description="In seconds.")]
Duration = Annotated[_Duration, BeforeValidator(whole, json_schema_input_type=_Duration)]


def _checked(written: str) -> str:
    to_moment(written)
    return written


SentMoment = Annotated[
    str,
    AfterValidator(_checked),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-31T12:00:00Z"]}),
]
"""A moment with its offset; `to_moment` reads it."""


class ShowShown(SnakeModel):
    """A show; `cover_image` is an absolute address."""

    id: int
    title: str
    cover_image: str | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, show: Show, base: str) -> Self:
        """Show it to whoever has called this service at `base`."""
        return cls(
            id=show.id,
            title=show.title,
            cover_image=absolute(show.cover_image, base),
            created_at=show.created_at,
            updated_at=show.updated_at,
        )


class SeasonShown(SnakeModel):
    """A season; `cover_image` is an absolute address."""

    id: int
    show_id: int
    season_number: int
    title: str | None
    cover_image: str | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, season: Season, base: str) -> Self:
        """Show it to whoever has called this service at `base`."""
        return cls(
            id=season.id,
            show_id=season.show_id,
            season_number=season.season_number,
            title=season.title,
            cover_image=absolute(season.cover_image, base),
            created_at=season.created_at,
            updated_at=season.updated_at,
        )


class EpisodeShown(SnakeModel):
    """An episode."""

    id: int
    show_id: int
    season_id: int
    title: str
    video_id: str
    duration_seconds: int
    episode_number: int | None
    source_published_at: Moment | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, episode: Episode, _base: str = "") -> Self:
        """Show it."""
        return cls(
            id=episode.id,
            show_id=episode.show_id,
            season_id=episode.season_id,
            title=episode.title,
            video_id=episode.video_id,
            duration_seconds=episode.duration_seconds,
            episode_number=episode.episode_number,
            source_published_at=episode.source_published_at,
            created_at=episode.created_at,
            updated_at=episode.updated_at,
        )


class ListShown(SnakeModel, Generic[T]):
    """One part of a list; `next` and `previous` are addresses of the neighbouring parts, or null."""

    count: int
    next: str | None
    previous: str | None
    results: list[T]


class NewShow(SnakeModel):
    """A show to add."""

    model_config = ConfigDict(extra="forbid")

    title: Text
    cover_image: Address | None = None

    def to_draft(self) -> ShowDraft:
        """As the service takes it."""
        return ShowDraft(self.title, self.cover_image)


class NewSeason(SnakeModel):
    """A season to add to a show; a show has each number once."""

    model_config = ConfigDict(extra="forbid")

    show_id: SeriesId
    season_number: Number
    title: Text | None = None
    cover_image: Address | None = None

    def to_draft(self) -> SeasonDraft:
        """As the service takes it."""
        return SeasonDraft(self.show_id, self.season_number, self.title, self.cover_image)


class NewEpisode(SnakeModel):
    """An episode to add to a season."""

    model_config = ConfigDict(extra="forbid")

    season_id: SeriesId
    title: Text
    video_id: VideoId
    duration_seconds: Duration
    episode_number: Number | None = None
    source_published_at: SentMoment | None = None

    def to_draft(self) -> EpisodeDraft:
        """As the service takes it."""
        return EpisodeDraft(
            season_id=self.season_id,
            title=self.title,
            video_id=self.video_id,
            duration_seconds=self.duration_seconds,
            episode_number=self.episode_number,
            source_published_at=_moment(self.source_published_at),
        )


class ShowPatch(SnakeModel):
    """What changes of a show; null clears `cover_image`."""

    model_config = ConfigDict(extra="forbid")

    title: Text = ""
    cover_image: Address | None = None

    def to_changes(self) -> Changes:
        """The fields that were sent."""
        return self.model_dump(include=self.model_fields_set)


class SeasonPatch(SnakeModel):
    """What changes of a season; null clears `title` and `cover_image`."""

    model_config = ConfigDict(extra="forbid")

    season_number: Number = 0
    title: Text | None = None
    cover_image: Address | None = None

    def to_changes(self) -> Changes:
        """The fields that were sent."""
        return self.model_dump(include=self.model_fields_set)


class EpisodePatch(SnakeModel):
    """What changes of an episode; null clears `episode_number` and `source_published_at`."""

    model_config = ConfigDict(extra="forbid")

    title: Text = ""
    video_id: VideoId = ""
    duration_seconds: Duration = 1
    episode_number: Number | None = None
    source_published_at: SentMoment | None = None

    def to_changes(self) -> Changes:
        """The fields that were sent."""
        sent: Changes = self.model_dump(include=self.model_fields_set)
        if "source_published_at" in sent:
            sent["source_published_at"] = _moment(self.source_published_at)
        return sent


def absolute(address: str | None, base: str) -> str | None:
    """An address as a client elsewhere can use it: a path of this service is put behind `base`."""
    return f"{base}{address}" if address is not None and address.startswith("/") else address


def _moment(written: str | None) -> datetime | None:
    return None if written is None else to_moment(written)
