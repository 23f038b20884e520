"""A person's rows of the licensing wing that outlive them: uses, which prove licences, and subscriptions."""

from collections.abc import AsyncIterator, Sequence

from app.models.privacy import Row, RowKey
from app.repositories.mongo import Mongo, Session
from app.repositories.personal_rows import PersonalRowRepository

NOBODY = ""
"""What stands for who is gone, where a user id is required; no token's user is empty."""

_SECRET = "sealedSecret"  # noqa: S105 - the name of the field


class MusicUsageErasureRepository(PersonalRowRepository):
    """Uses of tracks, which stay with the licence that each rests on, but no longer tell whose they are."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo, "music_usages")

    def _remove(self, session: Session, user_id: str, keys: Sequence[RowKey]) -> int:
        anonymous = {"$unset": {"userId": ""}}
        return self._in_thread.update_many(self._of(user_id, keys), anonymous, session=session).modified_count


class WebhookSubscriptionErasureRepository(PersonalRowRepository):
    """Subscriptions, which others rely on and any admin may end; only who has made them is forgotten."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo, "webhook_subscriptions", "createdBy")

    async def read(self, user_id: str) -> AsyncIterator[Row]:
        """The user's rows, without the secrets: those sign what is sent in everybody's name.

        Raises:
            Unavailable: the database is away.
        """
        async for row in super().read(user_id):
            yield {name: value for name, value in row.items() if name != _SECRET}

    def _remove(self, session: Session, user_id: str, keys: Sequence[RowKey]) -> int:
        nobodys = {"$set": {"createdBy": NOBODY}}
        return self._in_thread.update_many(self._of(user_id, keys), nobodys, session=session).modified_count
