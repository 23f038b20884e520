"""Playing episodes, and what players report of it."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from app.models.episodes.watching import Beat, Completion, Playback
from app.models.wire.base import MAX_SAFE_INTEGER, Moment, SnakeModel, whole

_Id = Annotated[int, Field(ge=1, le=MAX_SAFE_INTEGER)]
SeriesId = Annotated[_Id, BeforeValidator(whole, json_schema_input_type=_Id)]
"""An integer from 1 on that JavaScript holds exactly."""

Seconds = Annotated[float, Field(allow_inf_nan=False)]


def _in_utc(moment: datetime) -> datetime:
    """The same moment in UTC, in which the first and the last hours of the calendar may not be."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie in the years 1 to 9999") from None


_Said = Annotated[datetime, AfterValidator(_in_utc)]
_Token = Annotated[str, Field(description="The `playback_token` of `play`.")]


class PlaybackShown(SnakeModel):
    """What a player needs."""

    episode_id: int
    video_id: str
    provider: Literal["youtube"] = "youtube"
    playback_token: str
    expires_at: Moment

    @classmethod
    def of(cls, playback: Playback) -> Self:
        """Show it."""
        place = playback.place
        return cls(
            episode_id=place.episode,
            video_id=place.video_id,
            playback_token=playback.token,
            expires_at=playback.expires_at,
        )


class StartBody(SnakeModel):
    """A player begins. Unknown fields are ignored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"episode_id": 123, "playback_token": "eyJ…", "started_at": "2026-11-28T19:00:00Z"}]
        }
    )

    episode_id: SeriesId
    playback_token: _Token
    started_at: Annotated[_Said, Field(description="What the player's clock says; ours decides.")]
    device_id: Annotated[str | None, Field(max_length=200, pattern=r"^[^\x00]*$")] = None


class Started(SnakeModel):
    """The view that has begun."""

    view_id: int


class HeartbeatBody(SnakeModel):
    """A sign of life of a player. Unknown fields are ignored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "view_id": 456,
                    "playback_token": "eyJ…",
                    "seconds_watched": 15,
                    "player_state": "playing",
                    "position_seconds": 120,
                }
            ]
        }
    )

    view_id: SeriesId
    playback_token: _Token
    seconds_watched: Annotated[
        Seconds, Field(description="Seconds of content since the last heartbeat; taken for 0 to 120.")
    ]
    player_state: Literal["playing", "paused", "buffering"]
    position_seconds: Annotated[
        Seconds | None, Field(description="Where the player stands; unique seconds are counted from it.")
    ] = None

    @property
    def content(self) -> Beat:
        """What is counted."""
        return Beat(self.seconds_watched, self.position_seconds)


class CompleteBody(SnakeModel):
    """A player is done. Unknown fields are ignored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"view_id": 456, "playback_token": "eyJ…", "total_seconds": 1200, "completed": True}]
        }
    )

    view_id: SeriesId
    playback_token: _Token
    total_seconds: Annotated[Seconds, Field(description="Seconds of content in all, as the player has counted.")]
    completed: Annotated[bool, Field(description="Whether it was seen to its end; once true, it stays so.")]

    @property
    def content(self) -> Completion:
        """What is counted."""
        return Completion(self.total_seconds, self.completed)


class Done(SnakeModel):
    """It is written."""

    ok: Literal[True] = True
