"""What the licensing wing has about a person: all of it is in a copy, and none of it is left after erasure."""

from typing import Any

import pytest

from app.clock import SystemClock
from app.models.licensing.playlists import MusicPlaylistDraft
from app.repositories.licensing_erasure import MusicUsageErasureRepository, WebhookSubscriptionErasureRepository
from app.repositories.mongo import Mongo
from app.repositories.music_usage_documents import to_usage
from app.repositories.personal_rows import PersonalRowRepository
from app.repositories.webhook_subscriptions import WebhookSubscriptionRepository
from app.services.licensing.personal_data import personal_data
from app.services.privacy import PersonalRows, PrivacyService
from tests.licensing.library_house import NOW, LibraryHouse, numbered, ref

KINDS = ["musicFavorites", "musicUsages", "trackDownloads", "webhookSubscriptions", "experimentAssignments"]
COLLECTIONS = ["music_favorites", "music_usages", "track_downloads", "webhook_subscriptions", "experiment_assignments"]
SECRET = "sealed-secret-of-a-subscription"


def privacy(mongo: Mongo) -> PrivacyService:
    parts = personal_data(
        favorites=PersonalRowRepository(mongo, "music_favorites"),
        usages=MusicUsageErasureRepository(mongo),
        downloads=PersonalRowRepository(mongo, "track_downloads"),
        subscriptions=WebhookSubscriptionErasureRepository(mongo),
        assignments=PersonalRowRepository(mongo, "experiment_assignments"),
    )
    playlists = PersonalRows("playlists", PersonalRowRepository(mongo, "playlists", "ownerId"))
    return PrivacyService([playlists, *parts], SystemClock())


def use(user: str, number: int) -> dict[str, Any]:
    licence = dict.fromkeys(("type", "version", "url", "attribution", "validUntil", "termsTenantId"))
    licence |= {"code": "contract", "evidenceObservedAt": NOW, "evidenceHash": "hash"}
    row = dict.fromkeys(("tenantId", "termsOf", "termsVersion", "evidenceVersion", "artist"))
    row |= {"_id": f"{user}-{number}", "userId": user, "projectId": "film", "provider": "soundstripe", "title": "T"}
    row |= {"trackId": str(number), "usage": "youtube", "territory": "DE", "usedAt": NOW, "license": licence}
    return row | {"genres": [], "moods": []}


@pytest.fixture
async def house(mongo: Mongo) -> LibraryHouse:
    """Two of everything of Ann's and Bob's."""
    house = LibraryHouse(mongo, numbered(1, 2))
    for user in ("ann", "bob"):
        playlist = await house.playlists.add(MusicPlaylistDraft(user, "Mix", f"of {user}", True))
        for number in (1, 2):
            await house.favorites.add(user, ref(number), f"note of {user}", ())
            await house.playlists.add_entry(user, playlist.id, ref(number), f"note of {user}", None)
            await mongo.db["music_usages"].insert_one(use(user, number))
            row = {"_id": f"{user}-{number}", "createdAt": NOW}
            await mongo.db["track_downloads"].insert_one(
                row | {"userId": user, "trackId": str(number), "isActive": False}
            )
            await mongo.db["experiment_assignments"].insert_one(row | {"userId": user, "experimentId": str(number)})
            subscription = {"url": "https://example.com", "events": [], "sealedSecret": SECRET, "isActive": True}
            await mongo.db["webhook_subscriptions"].insert_one(row | subscription | {"createdBy": user})
    return house


async def copy_of(mongo: Mongo, user: str) -> dict[str, list[Any]]:
    return {name: [row async for row in rows] for name, rows in privacy(mongo).export(user)}


async def everything(mongo: Mongo) -> dict[str, list[dict[str, Any]]]:
    return {name: await mongo.db[name].find({}).sort("_id", 1).to_list(None) for name in (*COLLECTIONS, "playlists")}


async def test_a_copy_holds_all_of_ones_own_and_no_secret(house: LibraryHouse) -> None:
    copied = await copy_of(house.mongo, "ann")
    assert list(copied) == ["playlists", *KINDS]
    assert {name: len(rows) for name, rows in copied.items()} == dict.fromkeys(KINDS, 2) | {"playlists": 1}
    assert len(copied["playlists"][0]["licensedTracks"]) == 2
    assert {row["notes"] for row in copied["musicFavorites"]} == {"note of ann"}
    assert "bob" not in str(copied)
    assert SECRET not in str(copied)
    assert {row["url"] for row in copied["webhookSubscriptions"]} == {"https://example.com"}


async def test_erasure_leaves_nothing_of_one_and_all_of_others(house: LibraryHouse) -> None:
    mongo = house.mongo
    before = await everything(mongo)
    receipt = await privacy(mongo).erase("ann")
    assert receipt.erased == dict.fromkeys(KINDS, 2) | {"playlists": 1}
    after = await everything(mongo)
    assert "of ann" not in str(after)
    for name, rows in before.items():
        of_bob = [row for row in rows if "bob" in str(row)]
        assert [row for row in after[name] if "bob" in str(row)] == of_bob
    assert {name: len(rows) for name, rows in after.items()} == {
        **dict.fromkeys(COLLECTIONS, 2),
        "playlists": 1,
        "music_usages": 4,
        "webhook_subscriptions": 4,
    }
    again = await privacy(mongo).erase("ann")
    assert again.erased == dict.fromkeys([*KINDS, "playlists"], 0)
    assert all(not rows for rows in (await copy_of(mongo, "ann")).values())


async def test_a_use_stays_as_evidence_and_is_nobodys(house: LibraryHouse) -> None:
    uses = house.mongo.db["music_usages"]
    before = await uses.find_one({"_id": "ann-1"})
    await privacy(house.mongo).erase("ann")
    after = await uses.find_one({"_id": "ann-1"})
    assert before is not None
    assert after is not None
    assert after == {name: value for name, value in before.items() if name != "userId"}
    shown = to_usage(after)
    assert (shown.user_id, shown.licence.evidence_hash) == (None, "hash")


async def test_a_subscription_goes_on_and_is_nobodys(house: LibraryHouse) -> None:
    await privacy(house.mongo).erase("ann")
    found = await WebhookSubscriptionRepository(house.mongo).get("ann-1")
    assert (found.created_by, found.sealed_secret, found.disabled_at) == ("", SECRET, None)
