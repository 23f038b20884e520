"""Whose own plays are not counted: read by the ingest, and held until its transaction is over."""

from collections import defaultdict
from collections.abc import Collection as Container
from collections.abc import Mapping, Sequence

from bson import ObjectId

from app.repositories.mongo import Document, Mongo, Session
from app.repositories.updates import update_rows

_SHOWN = {"userId": 1, "excludeOwnPlays": 1}


class OwnArtists:
    """The artists that users are; for use in the thread of a transaction."""

    def __init__(self, mongo: Mongo) -> None:
        self._artists = mongo.in_thread["artists"]

    def without_own_plays(self, session: Session, users: Container[str]) -> Mapping[str, frozenset[str]]:
        """By user: the artists that are theirs, and whose own plays are not counted."""
        if not users:
            return {}
        theirs = list(self._artists.find({"userId": {"$in": list(users)}}, _SHOWN, session=session))
        if theirs:
            self._hold(session, theirs)
        found: dict[str, set[str]] = defaultdict(set)
        for artist in theirs:
            if artist.get("excludeOwnPlays") is True:
                found[artist["userId"]].add(str(artist["_id"]))
        return {user: frozenset(artists) for user, artists in found.items()}

    def _hold(self, session: Session, artists: Sequence[Document]) -> None:
        """Let nobody flip the switch before these plays are committed: whoever judges stored plays anew must see them.

        A transaction that only reads the switch is in nobody's way; 1 of 60 flips missed plays that came with it.
        """
        token = ObjectId()
        held = [{"q": {"_id": one["_id"]}, "u": {"$set": {"heldBy": token}}} for one in artists]
        update_rows(self._artists, held, session)
