"""The show of the demo tenant is loaded once, and finished when its loading was cut off."""

from app.clock import SystemClock
from app.config import Settings
from app.container.episodes import EpisodesWing
from app.demo.series import seed_demo_series
from app.models.episodes.catalogue import Window
from app.repositories.mongo import Mongo

KINDS = ("shows", "seasons", "episodes")
_ALL = Window(100, 0)


def wing_of(mongo: Mongo) -> EpisodesWing:
    return EpisodesWing(Settings(_env_file=None), mongo, SystemClock())


async def seed(mongo: Mongo) -> int:
    wing = wing_of(mongo)
    return await seed_demo_series(wing.shows, wing.seasons, wing.episodes)


async def test_twice_adds_nothing_and_changes_nothing(mongo: Mongo) -> None:
    assert await seed(mongo) == 3
    await mongo.db["shows"].update_one({}, {"$set": {"title": "Another title"}})
    rows = {kind: await mongo.db[kind].find({}).to_list(None) for kind in KINDS}
    assert [len(found) for found in rows.values()] == [1, 1, 3]
    assert await seed(mongo) == 0
    assert {kind: await mongo.db[kind].find({}).to_list(None) for kind in KINDS} == rows


async def test_what_was_cut_off_is_finished(mongo: Mongo) -> None:
    await seed(mongo)
    for gone in ({"video_id": "eRsGyueVLvQ"}, {}):
        await mongo.db["episodes"].delete_many(gone)
        assert await seed(mongo) == (3 if gone == {} else 1)
    await mongo.db["episodes"].delete_many({})
    await mongo.db["seasons"].delete_many({})
    assert await seed(mongo) == 3
    assert [await mongo.db[kind].count_documents({"tenant": "demo"}) for kind in KINDS] == [1, 1, 3]


async def test_episodes_come_in_their_order_and_can_be_played(mongo: Mongo) -> None:
    await seed(mongo)
    wing = wing_of(mongo)
    shows = await wing.shows.page("demo", _ALL)
    found = await wing.episodes.page("demo", None, shows.items[0].id, _ALL)
    assert [episode.title for episode in found.items] == ["Sintel", "Tears of Steel", "Big Buck Bunny"]
    played = await wing.playback.play("demo", "demo-listener", found.items[0].id)
    assert played.place.video_id == "eRsGyueVLvQ"
