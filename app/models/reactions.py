"""Likes and bookmarks: a user's standing reaction to a song."""

from dataclasses import dataclass
from enum import StrEnum

from app.models.songs import SongCounts, SongKey


class Reaction(StrEnum):
    """What a user can set on a song and take back."""

    LIKE = "like"
    BOOKMARK = "bookmark"


@dataclass(frozen=True, slots=True)
class ReactionChange:
    """One user's wish: the reaction is there, or it is not."""

    user_id: str
    song_key: SongKey
    reference: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class ReactionRecorded:
    """The wish was committed: the song's counts after it, and how it now stands."""

    counts: SongCounts
    is_set: bool
