"""Likes and bookmarks: set and taken back, each counted as it stands."""

from collections.abc import Sequence

from app.clock import Clock
from app.errors import DomainError, NotFound
from app.models.reactions import Reaction, ReactionChange, ReactionRecorded
from app.models.songs import SongKey
from app.services.copyright_free.announcements import Announcements
from app.services.copyright_free.ports import Reactions
from app.services.copyright_free.song_names import SongNames
from app.services.group_commit import GroupCommit, Merging


class ReactionService:
    """One kind of reaction, through its own group-commit engine."""

    def __init__(
        self, kind: Reaction, names: SongNames, reactions: Reactions, announcements: Announcements, clock: Clock
    ) -> None:
        self._names = names
        self._reactions = reactions
        self._announcements = announcements
        self._clock = clock
        self._engine = GroupCommit[ReactionChange, ReactionRecorded | None](
            f"{kind.value}s", self._write, merging=Merging(_identity_of, _latest), after_commit=self._tell
        )

    async def put(self, user_id: str, reference: str, *, is_set: bool) -> ReactionRecorded:
        """Make the user's reaction stand, or not; doing it twice changes nothing.

        Raises:
            NotFound: there is no such song.
            Unavailable: it was not made durable in time; the same call can be made again.
        """
        recorded = await self._commit(user_id, reference, is_set)
        if recorded is None:
            self._names.forget(reference)
            recorded = await self._commit(user_id, reference, is_set)
        if recorded is None:
            raise NotFound("Song not found")
        return recorded

    async def close(self) -> None:
        """Commit what waits, and end."""
        await self._engine.close()

    async def _commit(self, user_id: str, reference: str, is_set: bool) -> ReactionRecorded | None:
        song_key = await self._names.key(reference)
        return await self._engine.submit(ReactionChange(user_id, song_key, reference, is_set))

    async def _write(self, changes: Sequence[ReactionChange]) -> Sequence[ReactionRecorded | DomainError | None]:
        return await self._reactions.record(changes, self._clock.now())

    def _tell(self, committed: Sequence[ReactionRecorded | None]) -> None:
        self._announcements.announce(recorded.counts for recorded in committed if recorded is not None)


def _identity_of(change: ReactionChange) -> tuple[str, SongKey, str]:
    return change.user_id, change.song_key, change.reference


def _latest(_older: ReactionChange, newer: ReactionChange) -> ReactionChange:
    return newer
