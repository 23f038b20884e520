"""The collection `tracks`: what is played, songs of the catalogue included once they have events."""

from datetime import datetime

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from app.errors import Conflict, NotFound
from app.models.pages import Page
from app.models.stats.tracks import Track, TrackChanges, TrackDraft, TrackFilter, TrackWritten
from app.repositories.keyset import rows_after, to_page
from app.repositories.mongo import Document, Mongo, driver_errors
from app.repositories.song_documents import best_match, by_reference, to_song
from app.repositories.stats_dirt import track_keys
from app.repositories.track_documents import COUNTERS, IS_THERE, song_as_track, to_track

_ORDER = "createdAt"
_OWN: Document = {**IS_THERE, "songId": None}
"""Tracks that are kept here; the shadow of a song is as the song is."""


class TrackRepository:
    """Reads and changes tracks. Counters change only together with the events that they count."""

    def __init__(self, mongo: Mongo) -> None:
        self._tracks = mongo.db["tracks"]
        self._songs = mongo.db["songs"]

    async def get(self, reference: str) -> Track:
        """The track of this id, or else the song of the catalogue with this id or slug.

        Raises:
            NotFound: there is neither, or it was removed.
            Unavailable: the database is away.
        """
        with driver_errors():
            track = await self._tracks.find_one(_by_id(reference) | _OWN)
        return await self._get_song(reference) if track is None else to_track(track)

    async def resolve(self, reference: str) -> str:
        """The id under which the events of this track are kept; raises as `get`."""
        return (await self.get(reference)).id

    async def _get_song(self, reference: str) -> Track:
        with driver_errors():
            found = best_match(await self._songs.find(by_reference(reference)).to_list(3), reference)
            if found is None:
                raise NotFound("Track not found")
            song = to_song(found)
            shadow = await self._tracks.find_one({"_id": song.id}) or {}
        return song_as_track(song, shadow)

    async def of_artist(self, artist_id: str) -> list[Track]:
        """All tracks that are this artist's now, without removed ones; songs as soon as they have events.

        Raises:
            Unavailable: the database is away.
        """
        artist: Document = {"artistId": {"$in": track_keys([artist_id])}}
        with driver_errors():
            tracks = await self._tracks.find(artist | _OWN).to_list(None)
            songs = {song.id: song for song in map(to_song, await self._songs.find(artist).to_list(None))}
            shadows = await self._tracks.find({"_id": {"$in": list(songs)}, "songId": {"$ne": None}}).to_list(None)
        return [*map(to_track, tracks), *(song_as_track(songs[shadow["_id"]], shadow) for shadow in shadows)]

    async def page(self, wanted: TrackFilter) -> Page[Track]:
        """One page of the tracks that are kept here, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        clauses = [_OWN, *([rows_after(_ORDER, wanted.cursor)] if wanted.cursor else [])]
        if wanted.artist_id is not None:
            clauses.append({"artistId": {"$in": track_keys([wanted.artist_id])}})
        with driver_errors():
            found = self._tracks.find({"$and": clauses})
            rows = await found.sort([(_ORDER, -1), ("_id", -1)]).limit(wanted.limit + 1).to_list(None)
        return to_page(rows, wanted.limit, _ORDER, to_track)

    async def add(self, draft: TrackDraft, at: datetime) -> TrackWritten:
        """Add a track with all counts at zero; one that was removed comes back with its counts.

        Raises:
            Conflict: the id belongs to a track, or a song answers to it.
            Unavailable: the database is away.
        """
        track_id = draft.id or str(ObjectId())
        fields: Document = {"title": draft.title, "artistId": draft.artist_id, "duration": draft.duration}
        fields |= {"updatedAt": at}
        with driver_errors():
            if await self._songs.find_one(by_reference(track_id), {"_id": 1}):
                raise Conflict("A song of the catalogue has this id")
            return await self._revive(track_id, fields) or await self._insert(track_id, fields, at)

    async def _revive(self, track_id: str, fields: Document) -> TrackWritten | None:
        was_removed = _by_id(track_id) | {"removedAt": {"$ne": None}}
        before = await self._update_one(was_removed, {"$set": fields, "$unset": {"removedAt": ""}})
        return None if before is None else _written(before, fields)

    async def _insert(self, track_id: str, fields: Document, at: datetime) -> TrackWritten:
        # An id of another program is an ObjectId, which no unique index compares with our strings.
        if await self._tracks.find_one(_by_id(track_id), {"_id": 1}):
            raise Conflict("Another track has this id")
        document = {"_id": track_id, **fields, **dict.fromkeys(COUNTERS, 0), "createdAt": at}
        try:
            await self._tracks.insert_one(document)
        except DuplicateKeyError as error:
            raise Conflict("Another track has this id") from error
        return TrackWritten(to_track(document), None)

    async def change(self, track_id: str, changes: TrackChanges, at: datetime) -> TrackWritten:
        """Change a track.

        Raises:
            Conflict: it is a song of the catalogue, which is changed there.
            NotFound, Unavailable: as `get`.
        """
        wanted = {"title": changes.title, "artistId": changes.artist_id, "duration": changes.duration}
        fields = {name: value for name, value in wanted.items() if value is not None}
        return await self._update(track_id, {**fields, "updatedAt": at})

    async def remove(self, track_id: str, at: datetime) -> Track:
        """Hide a track from everybody, and keep it with its events; raises as `change`."""
        return (await self._update(track_id, {"removedAt": at, "updatedAt": at})).track

    async def _update(self, track_id: str, fields: Document) -> TrackWritten:
        with driver_errors():
            before = await self._update_one(_by_id(track_id) | _OWN, {"$set": fields})
        if before is None:
            await self._get_song(track_id)
            raise Conflict("This is a song of the catalogue; change it there")
        return _written(before, fields)

    async def _update_one(self, which: Document, update: Document) -> Document | None:
        """The document as it was before; `None` when there is none."""
        return await self._tracks.find_one_and_update(which, update)


def _written(before: Document, fields: Document) -> TrackWritten:
    return TrackWritten(to_track(before | fields), to_track(before).artist_id)


def _by_id(track_id: str) -> Document:
    return {"_id": {"$in": track_keys([track_id])}}
