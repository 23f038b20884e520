"""Tracks and artists as the rest of the wing knows them: by every name, and whose they are now."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from bson import ObjectId

from app.errors import Conflict, NotFound
from app.models.catalogue import SongChanges, SongDraft
from app.models.stats.tracks import ArtistDraft, TrackChanges, TrackCounts, TrackDraft
from app.repositories.artists import ArtistRepository
from app.repositories.mongo import Mongo
from app.repositories.song_removals import SongRemovalRepository
from app.repositories.songs import SongRepository
from app.repositories.tracks import TrackRepository

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 2, tzinfo=UTC)
DRAFT = TrackDraft(title="First", artist_id="ada", duration=60, id="t1")
SONG = SongDraft(title="Hymn", artist="Ada", audio_url="/a.wav", duration_ms=90_500, slug="hymn", artist_id="ada")


@pytest.fixture
def tracks(mongo: Mongo) -> TrackRepository:
    return TrackRepository(mongo)


async def shadow(mongo: Mongo, song_id: str, plays: int = 1) -> None:
    """What the first event of a song leaves in `tracks`; the copy of its fields is out of date here."""
    await mongo.db["tracks"].insert_one({"_id": song_id, "songId": song_id, "title": "Old", "playCount": plays})
    await mongo.db["tracks"].update_one({"_id": song_id}, {"$set": {"artistId": "somebody"}})


async def test_every_name_of_a_track(mongo: Mongo, tracks: TrackRepository) -> None:
    song = await SongRepository(mongo).add(SONG, NOW)
    foreign = ObjectId()
    await mongo.db["tracks"].insert_one({"_id": foreign})
    await tracks.add(DRAFT, NOW)
    names = ("t1", str(foreign), str(foreign).upper(), song.id, song.id.upper(), "hymn")
    resolved = [await tracks.resolve(name) for name in names]
    assert resolved == ["t1", str(foreign), str(foreign), song.id, song.id, song.id]
    for name in ("none", "", "T1", str(ObjectId())):
        with pytest.raises(NotFound, match="Track not found"):
            await tracks.resolve(name)


async def test_a_song_is_as_the_catalogue_says_with_the_counts_of_its_events(
    mongo: Mongo, tracks: TrackRepository
) -> None:
    song = await SongRepository(mongo).add(SONG, NOW)
    before = await tracks.get("hymn")
    assert (before.is_song, before.counts, before.duration) == (True, TrackCounts(), 90.5)
    await shadow(mongo, song.id, plays=3)
    assert await tracks.get(song.id) == replace(before, counts=TrackCounts(plays=3))
    await SongRemovalRepository(mongo).begin(song.key, NOW)
    with pytest.raises(NotFound):
        await tracks.get(song.id)


async def test_the_tracks_of_an_artist_are_those_of_now(mongo: Mongo, tracks: TrackRepository) -> None:
    songs = SongRepository(mongo)
    played, silent, gone = [await songs.add(replace(SONG, slug=slug), NOW) for slug in ("played", "silent", "gone")]
    for song in (played, gone):
        await shadow(mongo, song.id)
    await SongRemovalRepository(mongo).begin(gone.key, NOW)
    for number in range(3):
        await tracks.add(replace(DRAFT, id=f"t{number}"), NOW)
    await tracks.change("t1", TrackChanges(artist_id="bob"), NOW)
    await tracks.remove("t2", NOW)

    async def of(artist: str) -> set[str]:
        return {track.id for track in await tracks.of_artist(artist)}

    assert (await of("ada"), await of("bob"), await of("nobody")) == ({"t0", played.id}, {"t1"}, set())
    assert (await tracks.get("silent")).id == silent.id
    assert {track.title for track in await tracks.of_artist("ada")} == {"First", "Hymn"}
    await songs.change("played", SongChanges({"artistId": "bob"}), LATER)
    assert (await of("ada"), await of("bob")) == ({"t0"}, {"t1", played.id})


async def test_changes_tell_whose_the_track_was(tracks: TrackRepository) -> None:
    assert (await tracks.add(DRAFT, NOW)).former_artist_id is None
    moved = await tracks.change("t1", TrackChanges(artist_id="bob"), LATER)
    assert (moved.track.artist_id, moved.former_artist_id) == ("bob", "ada")
    await tracks.remove("t1", LATER)
    back = await tracks.add(DRAFT, LATER)
    assert (back.track.artist_id, back.former_artist_id) == ("ada", "bob")
    assert (back.track, back.track.created_at) == (await tracks.get("t1"), NOW)


async def test_an_id_is_given_once_whoever_asks_at_the_same_time(tracks: TrackRepository) -> None:
    for _ in range(2):
        made = await asyncio.gather(*(tracks.add(DRAFT, NOW) for _ in range(8)), return_exceptions=True)
        assert sorted(type(one).__name__ for one in made) == ["Conflict"] * 7 + ["TrackWritten"]
        await tracks.remove("t1", NOW)


async def test_the_counters_of_a_removed_track_come_back(mongo: Mongo, tracks: TrackRepository) -> None:
    await tracks.add(DRAFT, NOW)
    await mongo.db["tracks"].update_one({"_id": "t1"}, {"$set": {"playCount": 4, "dirty": {"2026-11-01": 1}}})
    await tracks.remove("t1", NOW)
    assert (await tracks.add(DRAFT, NOW)).track.counts == TrackCounts(plays=4)
    stored = await mongo.db["tracks"].find_one({"_id": "t1"})
    assert stored is not None
    assert ("removedAt" in stored, stored["dirty"]) == (False, {"2026-11-01": 1})


async def test_artists_of_users(mongo: Mongo) -> None:
    artists = ArtistRepository(mongo)
    added = await artists.add(ArtistDraft(name="Ada", user_id="ada", id="a1", exclude_own_plays=True), NOW)
    assert (await artists.of_user("ada"), await artists.get("a1")) == (added, added)
    for draft in (ArtistDraft("A", "ada"), ArtistDraft("A", "bob", "a1")):
        with pytest.raises(Conflict):
            await artists.add(draft, NOW)
    with pytest.raises(NotFound, match="Artist not found"):
        await artists.of_user("bob")


async def test_an_artist_of_another_program_or_of_an_erased_user(mongo: Mongo) -> None:
    artists, key = ArtistRepository(mongo), ObjectId()
    await mongo.db["artists"].insert_one({"_id": key, "userId": ObjectId()})
    found = await artists.get(str(key))
    assert (found.user_id, found.exclude_own_plays, found.name) == ("", False, "")
    with pytest.raises(Conflict):
        await artists.add(ArtistDraft("A", "ada", str(key)), NOW)
