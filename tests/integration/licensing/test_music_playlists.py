"""Playlists on a real database: no track is lost, and no order overwrites another, however many change one at once."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from bson import ObjectId

from app.clock import SystemClock
from app.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from app.models.licensing.playlists import (
    MOST_TRACKS,
    FilledPlaylist,
    MusicPlaylist,
    MusicPlaylistChanges,
    MusicPlaylistDraft,
    PlaylistEntryDraft,
)
from app.models.licensing.providers import ProviderName
from app.models.stats.playlists import PlaylistDraft, SubmissionDraft, SubmissionFilter, SubmissionStatus
from app.repositories.artists import ArtistRepository
from app.repositories.mongo import Mongo
from app.repositories.music_playlists import MusicPlaylistRepository
from app.repositories.playlist_submissions import PlaylistSubmissionRepository
from app.repositories.playlists import PlaylistRepository
from app.repositories.tracks import TrackRepository
from app.services.licensing.errors import ProviderFailed
from app.services.stats.playlists import PlaylistService
from tests.licensing.fake_provider import track
from tests.licensing.library_house import NOW, LibraryHouse, fill_catalogue, numbered, ref


@pytest.fixture
async def house(mongo: Mongo) -> LibraryHouse:
    return LibraryHouse(mongo, numbered(*range(60)))


async def new(house: LibraryHouse, *tracks: int, owner: str = "ann", is_public: bool = False) -> MusicPlaylist:
    made = await house.playlists.add(MusicPlaylistDraft(owner, "Mix", None, is_public))
    for number in tracks:
        await house.playlists.add_entry(owner, made.id, ref(number), None, None)
    return (await house.playlists.get(owner, made.id)).playlist


async def numbers(house: LibraryHouse, playlist_id: str) -> list[int]:
    return [int(entry.ref.track_id) for entry in (await house.playlists.get("ann", playlist_id)).entries]


async def entries(house: LibraryHouse, playlist_id: str) -> list[str]:
    return [entry.id for entry in (await house.playlists.get("ann", playlist_id)).entries]


async def test_tracks_come_where_they_are_put(house: LibraryHouse) -> None:
    made = await new(house, 1, 2)
    assert (made.version, made.track_count) == (3, 2)
    for number, position, place in ((3, 0, 0), (4, 1, 1), (5, 2**53 - 1, 4), (6, None, 5)):
        added = await house.playlists.add_entry("ann", made.id, ref(number), "note", position)
        assert (added.position, added.entry.note) == (place, "note")
    assert await numbers(house, made.id) == [3, 4, 1, 2, 5, 6]
    assert added.version == 7


async def test_a_track_is_in_a_playlist_once(house: LibraryHouse) -> None:
    made = await new(house, 1)
    with pytest.raises(Conflict, match="already"):
        await house.playlists.add_entry("ann", made.id, ref(1), None, None)
    assert (await house.playlists.get("ann", made.id)).playlist.version == made.version
    outcomes = await asyncio.gather(
        *(house.playlists.add_entry("ann", made.id, ref(2), None, None) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(one, Conflict) for one in outcomes) == 9
    assert await numbers(house, made.id) == [1, 2]


async def test_a_playlist_holds_a_thousand_tracks(house: LibraryHouse, mongo: Mongo) -> None:
    made = await new(house)
    row = {"provider": "soundstripe", "note": None, "addedAt": NOW, "track": None}
    full = [row | {"id": f"e{number}", "trackId": f"t{number}"} for number in range(MOST_TRACKS - 1)]
    await mongo.db["playlists"].update_one({"_id": made.id}, {"$set": {"licensedTracks": full}})
    outcomes = await asyncio.gather(
        *(house.playlists.add_entry("ann", made.id, ref(number), None, 0) for number in range(5)),
        return_exceptions=True,
    )
    refused = [one for one in outcomes if isinstance(one, Conflict)]
    assert len(refused) == 4
    assert "1,000 at most" in str(refused[0])
    assert (await house.playlists.get("ann", made.id)).playlist.track_count == MOST_TRACKS


async def test_a_playlist_never_outgrows_what_the_database_stores(mongo: Mongo) -> None:
    playlists = MusicPlaylistRepository(mongo)
    made = await playlists.add(MusicPlaylistDraft("ann", "Mix", None, False), NOW)
    large = track(1, tags=tuple(f"{number}{'x' * 500}" for number in range(4_000)))
    added = 0
    for number in range(9):
        draft = PlaylistEntryDraft(f"e{number}", ref(number), None, None, large)
        added += await playlists.add_entry("ann", made.id, draft, NOW) is not None
    assert added == 5
    assert (await playlists.get(made.id)).playlist.track_count == 5


async def test_an_order_is_of_all_entries_of_the_current_version(house: LibraryHouse) -> None:
    made = await new(house, 1, 2, 3)
    one, two, three = await entries(house, made.id)
    ordered = await house.playlists.reorder("ann", made.id, [three, one, two], made.version)
    assert (ordered.order, ordered.playlist.version) == ((three, one, two), made.version + 1)
    assert await numbers(house, made.id) == [3, 1, 2]
    with pytest.raises(StaleVersion) as stale:
        await house.playlists.reorder("ann", made.id, [one, two, three], made.version)
    assert stale.value.version == made.version + 1
    assert str(made.version + 1) in str(stale.value)


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        ([0, 1], {"order": "lacks the entry {2}"}),
        ([0, 1, 1], {"order.2": "is there twice", "order": "lacks the entry {2}"}),
        ([0, 1, 2, 2], {"order.3": "is there twice"}),
        ([0, 1, 2, 9], {"order.3": "is no entry of this playlist"}),
        ([], {"order": "lacks the entry {2}"}),
    ],
    ids=["missing", "instead of another", "twice", "unknown", "empty"],
)
async def test_anything_but_a_permutation_is_refused(
    house: LibraryHouse, wrong: list[int], faults: dict[str, str]
) -> None:
    made = await new(house, 1, 2, 3)
    ids = await entries(house, made.id)
    order = [ids[number] if number < 3 else "stranger" for number in wrong]
    with pytest.raises(Invalid) as refused:
        await house.playlists.reorder("ann", made.id, order, made.version)
    assert {fault.field: fault.message for fault in refused.value.errors} == {
        name: sentence.format(*ids) for name, sentence in faults.items()
    }
    assert await entries(house, made.id) == ids


async def test_changes_raise_the_version_and_keep_what_is_not_named(house: LibraryHouse) -> None:
    made = await new(house, 1)
    changed = await house.playlists.change("ann", made.id, MusicPlaylistChanges(description="Loud", is_public=True))
    assert changed == replace(
        made, description="Loud", is_public=True, version=made.version + 1, updated_at=changed.updated_at
    )
    same = await house.playlists.change("ann", made.id, MusicPlaylistChanges(version=changed.version))
    assert same == changed
    with pytest.raises(StaleVersion):
        await house.playlists.change("ann", made.id, MusicPlaylistChanges(title="New", version=made.version))
    cleared = await house.playlists.change("ann", made.id, MusicPlaylistChanges(description="", version=same.version))
    assert (cleared.description, cleared.title, cleared.version) == (None, "Mix", same.version + 1)


async def test_who_may_read_and_change(house: LibraryHouse) -> None:
    private, public = await new(house, 1), await new(house, 1, is_public=True)
    assert (await house.playlists.get("bob", public.id)).playlist == public
    entry = (await entries(house, public.id))[0]
    for playlist, refusal in ((private, NotFound), (public, Forbidden)):
        for attempt in (
            house.playlists.change("bob", playlist.id, MusicPlaylistChanges(title="His")),
            house.playlists.remove("bob", playlist.id),
            house.playlists.add_entry("bob", playlist.id, ref(2), None, None),
            house.playlists.remove_entry("bob", playlist.id, entry),
            house.playlists.reorder("bob", playlist.id, [entry], playlist.version),
        ):
            with pytest.raises(refusal):
                await attempt
    with pytest.raises(NotFound):
        await house.playlists.get("bob", private.id)


async def test_unknown_tracks_and_failing_providers(house: LibraryHouse, mongo: Mongo) -> None:
    made = await new(house)
    with pytest.raises(NotFound, match="Track not found"):
        await house.playlists.add_entry("ann", made.id, ref(99), None, None)
    house.lookup.failure = ProviderFailed(ProviderName.SOUNDSTRIPE, "Soundstripe does not answer")
    with pytest.raises(ProviderFailed):
        await house.playlists.add_entry("ann", made.id, ref(1), None, None)
    await fill_catalogue(mongo, numbered(1))
    await house.playlists.add_entry("ann", made.id, ref(1), None, None)
    assert await numbers(house, made.id) == [1]


async def test_playlists_of_both_wings_are_the_same(house: LibraryHouse, mongo: Mongo) -> None:
    theirs = await PlaylistRepository(mongo).add(PlaylistDraft("ann", "Theirs", "mix"), NOW)
    await mongo.db["playlists"].insert_one({"_id": ObjectId("a" * 24), "ownerId": "ann", "title": "Old"})
    ours = await new(house, 1)
    for playlist_id in ("mix", "a" * 24):
        found = await house.playlists.get("ann", playlist_id)
        assert (found.playlist.version, found.playlist.is_public, found.entries) == (1, False, ())
        added = await house.playlists.add_entry("ann", playlist_id, ref(1), None, None)
        assert added.version == 2
        ordered = await house.playlists.reorder("ann", playlist_id, [added.entry.id], 2)
        assert ordered.playlist.version == 3
    fresh = await PlaylistRepository(mongo).add(PlaylistDraft("ann", "Fresh"), NOW)
    assert (await house.playlists.change("ann", fresh.id, MusicPlaylistChanges(title="F", version=1))).version == 2
    listed = await PlaylistRepository(mongo).of_owner("ann", None, 10)
    page = await house.playlists.own("ann", None, 10)
    assert [one.id for one in page.items] == [one.id for one in listed.items]
    assert {theirs.id, ours.id} <= {one.id for one in page.items}
    assert {one.id: one.track_count for one in page.items} == {"mix": 1, "a" * 24: 1, ours.id: 1, fresh.id: 0}


async def test_pages_of_own_playlists(house: LibraryHouse) -> None:
    made = [await new(house) for _ in range(5)]
    await new(house, owner="bob")
    found, cursor = [], None
    while True:
        page = await house.playlists.own("ann", cursor, 2)
        found += [one.id for one in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert found == [one.id for one in reversed(made)]


async def test_what_waits_for_a_decision_is_rejected_with_its_playlist(house: LibraryHouse, mongo: Mongo) -> None:
    made, other = await new(house, 1), await new(house)
    submissions = PlaylistSubmissionRepository(mongo)
    waiting = await submissions.add(SubmissionDraft(made.id, "t1", None, "eve"), NOW)
    accepted = await submissions.add(SubmissionDraft(made.id, "t2", None, "eve"), NOW)
    await submissions.decide(made.id, accepted.id, SubmissionStatus.ACCEPTED, NOW)
    await submissions.add(SubmissionDraft(other.id, "t1", None, "eve"), NOW)
    await house.playlists.remove("ann", made.id)
    statuses = {one.id: one.status for one in (await submissions.page(_all(made.id))).items}
    assert statuses == {waiting.id: SubmissionStatus.REJECTED, accepted.id: SubmissionStatus.ACCEPTED}
    statistics = PlaylistService(
        PlaylistRepository(mongo), submissions, TrackRepository(mongo), ArtistRepository(mongo), SystemClock()
    )
    counts = (await statistics.counts("eve")).submissions
    assert counts == dict.fromkeys(SubmissionStatus, 1)
    with pytest.raises(Conflict, match="had this id"):
        await PlaylistRepository(mongo).add(PlaylistDraft("eve", "Mine", made.id), NOW)
    for attempt in (house.playlists.get("ann", made.id), house.playlists.remove("ann", made.id)):
        with pytest.raises(NotFound):
            await attempt


def _all(playlist_id: str) -> SubmissionFilter:
    return SubmissionFilter(playlist_id, None, None, 10, None)


class Client:
    """Adds, removes and reorders at random, and knows what it has done."""

    def __init__(self, house: LibraryHouse, playlist_id: str, number: int) -> None:
        self._playlists = house.playlists
        self._playlist_id = playlist_id
        self._random = random.Random(number)
        self._own = iter(range(3 * number, 3 * number + 3))
        self.kept: dict[int, str] = {}
        self.changes = 0
        self.stale: list[tuple[int, int, int]] = []

    async def run(self) -> None:
        for number in self._own:
            added = await self._playlists.add_entry(
                "ann", self._playlist_id, ref(number), None, self._random.choice([None, 0, 3])
            )
            self.kept[number] = added.entry.id
            self.changes += 1
            await self._reorder()
            if self._random.random() < 0.4:
                await self._playlists.remove_entry("ann", self._playlist_id, self.kept.pop(number))
                self.changes += 1

    async def _reorder(self) -> None:
        seen = await self._playlists.get("ann", self._playlist_id)
        order = [entry.id for entry in seen.entries]
        self._random.shuffle(order)
        try:
            await self._playlists.reorder("ann", self._playlist_id, order, seen.playlist.version)
        except StaleVersion as stale:
            now = (await self._playlists.get("ann", self._playlist_id)).playlist.version
            self.stale.append((seen.playlist.version, stale.version, now))
        else:
            self.changes += 1


async def test_twenty_clients_at_once(house: LibraryHouse) -> None:
    made = await new(house)
    clients = [Client(house, made.id, number) for number in range(20)]
    await asyncio.gather(*(client.run() for client in clients))
    after: FilledPlaylist = await house.playlists.get("ann", made.id)
    kept = {number: entry for client in clients for number, entry in client.kept.items()}
    assert {int(entry.ref.track_id): entry.id for entry in after.entries} == kept
    assert len(after.entries) == len(kept), "an entry is there twice"
    assert after.playlist.version == 1 + sum(client.changes for client in clients)
    stale = [one for client in clients for one in client.stale]
    assert stale, "nobody met anybody"
    assert all(seen < told <= now for seen, told, now in stale)
    assert after.playlist.updated_at is not None
    assert after.playlist.updated_at - NOW < timedelta(minutes=1)
