"""Playlists and submissions as they are shown and sent."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field

from app.models.pages import Page
from app.models.stats.playlists import Playlist, PlaylistDraft, Submission, SubmissionStatus
from app.models.wire.artists import GivenId
from app.models.wire.base import CamelModel, Moment
from app.models.wire.songs import Text

TrackReference = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\x00]+$")]
Message = Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")]


class PlaylistShown(CamelModel):
    """A playlist and who keeps it."""

    id: str
    owner_id: str
    title: str
    created_at: Moment | None
    updated_at: Moment | None

    @classmethod
    def of(cls, playlist: Playlist) -> Self:
        """Show a playlist."""
        return cls(
            id=playlist.id,
            owner_id=playlist.owner_id,
            title=playlist.title,
            created_at=playlist.created_at,
            updated_at=playlist.updated_at,
        )


class PlaylistList(CamelModel):
    """One page of playlists; `nextCursor` is null on the last one."""

    items: list[PlaylistShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Playlist]) -> Self:
        """Show a page."""
        return cls(items=[PlaylistShown.of(playlist) for playlist in page.items], next_cursor=page.next_cursor)


class NewPlaylist(CamelModel):
    """A playlist to add; it is the caller's."""

    model_config = ConfigDict(extra="forbid")

    title: Text
    id: GivenId | None = None

    def to_draft(self, owner_id: str) -> PlaylistDraft:
        """As the service takes it."""
        return PlaylistDraft(owner_id=owner_id, title=self.title, id=self.id)


class SubmissionShown(CamelModel):
    """A track that was submitted to a playlist; `decidedAt` is null while it is pending."""

    id: str
    playlist_id: str
    track_id: str
    status: Literal["pending", "accepted", "rejected"]
    message: str | None
    submitted_by: str
    created_at: Moment | None
    decided_at: Moment | None

    @classmethod
    def of(cls, submission: Submission) -> Self:
        """Show a submission."""
        return cls(
            id=submission.id,
            playlist_id=submission.playlist_id,
            track_id=submission.track_id,
            status=submission.status.value,
            message=submission.message,
            submitted_by=submission.submitted_by,
            created_at=submission.created_at,
            decided_at=submission.decided_at,
        )


class SubmissionList(CamelModel):
    """One page of submissions; `nextCursor` is null on the last one."""

    items: list[SubmissionShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Submission]) -> Self:
        """Show a page."""
        return cls(items=[SubmissionShown.of(submission) for submission in page.items], next_cursor=page.next_cursor)


class NewSubmission(CamelModel):
    """A track to submit, by its id (or, for a song of the catalogue, its slug), and a word to the playlist's owner."""

    model_config = ConfigDict(extra="forbid")

    track_id: TrackReference
    message: Message | None = None


class Decision(CamelModel):
    """What becomes of a submission."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["accepted", "rejected"]

    def to_status(self) -> SubmissionStatus:
        """As the service takes it."""
        return SubmissionStatus(self.status)
