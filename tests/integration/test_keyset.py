"""Pages by key show every row once and in order, whatever its sort value and its id are."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from motor.motor_asyncio import AsyncIOMotorCollection

from app.errors import Invalid
from app.models.catalogue import SongFilter, SongSort
from app.models.pages import CURSOR_PATTERN
from app.repositories.cursors import decode_cursor, encode_cursor
from app.repositories.mongo import Mongo
from app.repositories.songs import SongRepository
from app.repositories.views import ViewRepository

FIELDS = {SongSort.RECENT: "createdAt", SongSort.VIEWS: "viewCount", SongSort.LIKES: "likeCount"}

ids = st.one_of(
    st.integers(0, 30).map(lambda number: ObjectId(f"{number:024x}")),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=4),
)
moments = st.integers(-3, 3).map(lambda day: datetime(2026, 1, 10 + day, tzinfo=UTC))
counts = st.one_of(st.integers(-2, 3), st.sampled_from([0.5, 2.0, 2**53 + 1, -0.0, float("inf")]))
MISSING = "missing"


def values(kind: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(MISSING), st.none(), kind)


@st.composite
def songs(draw: st.DrawFn) -> list[dict[str, Any]]:
    keys = draw(st.lists(ids, unique_by=str, max_size=14))
    fields = {"createdAt": values(moments), "viewCount": values(counts), "likeCount": values(counts)}
    drawn = [{"_id": key, "artist": "Ada"} | {name: draw(value) for name, value in fields.items()} for key in keys]
    return [{name: value for name, value in song.items() if value is not MISSING} for song in drawn]


async def refill(collection: AsyncIOMotorCollection[Any], rows: list[dict[str, Any]]) -> None:
    await collection.delete_many({})
    if rows:
        await collection.insert_many(rows)


async def walk(mongo: Mongo, sort: SongSort, limit: int, artist: str | None) -> list[str]:
    found: list[str] = []
    cursor = None
    for _ in range(100):
        page = await SongRepository(mongo).page(SongFilter(None, artist, sort, limit, cursor))
        found += [song.id for song in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found
    raise AssertionError("the pages do not end")


MISSING_AND_NULL = [
    *({"_id": ObjectId(f"{number:024x}"), "artist": "Ada"} for number in range(10)),
    {"_id": "0", "artist": "Ada", "createdAt": None},
]
TWINS = [{"_id": "a", "artist": "Ada"}, {"_id": "A", "artist": "Ada"}, {"_id": "á", "artist": "Ada"}]


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(songs=songs(), sort=st.sampled_from(SongSort), limit=st.integers(1, 5), artist=st.sampled_from([None, "ADA"]))
@example(songs=TWINS, sort=SongSort.RECENT, limit=1, artist="ada")
@example(songs=TWINS, sort=SongSort.VIEWS, limit=1, artist=None)
@example(songs=MISSING_AND_NULL, sort=SongSort.RECENT, limit=1, artist=None)
@example(songs=MISSING_AND_NULL, sort=SongSort.RECENT, limit=1, artist=None)  # as the plan is that MongoDB keeps
async def test_pages_of_songs(
    mongo: Mongo, songs: list[dict[str, Any]], sort: SongSort, limit: int, artist: str | None
) -> None:
    await refill(mongo.db["songs"], songs)
    order = await mongo.db["songs"].find({}).sort([(FIELDS[sort], -1), ("_id", -1)]).to_list(None)
    found = await walk(mongo, sort, limit, artist)
    assert sorted(found) == sorted(str(song["_id"]) for song in order)
    if artist is None:
        assert found == [str(song["_id"]) for song in order]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(songs=songs(), limit=st.integers(1, 5), data=st.data())
async def test_pages_of_a_history(mongo: Mongo, songs: list[dict[str, Any]], limit: int, data: st.DataObject) -> None:
    rows = [
        {"userId": "ann", "songId": song["_id"], "viewedAt": datetime(2026, 1, 1, tzinfo=UTC)}
        | {name: value for name, value in {"lastViewedAt": data.draw(values(moments))}.items() if value is not MISSING}
        for song in songs
    ]
    await refill(mongo.db["views"], rows)
    found: list[str] = []
    cursor = None
    while True:
        page = await ViewRepository(mongo).history("ann", cursor, limit)
        found += [view.song_id for view in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    order = await mongo.db["views"].find({}).sort([("lastViewedAt", -1), ("_id", -1)]).to_list(None)
    assert found == [str(row["songId"]) for row in order]


@given(value=st.one_of(st.none(), moments, st.integers(-(10**18) + 1, 10**18 - 1), st.floats(allow_nan=False)), key=ids)
def test_a_cursor_is_read_as_it_was_written(value: object, key: object) -> None:
    assert decode_cursor(encode_cursor(value, key)) == (value, key)


@given(text=st.text(max_size=60))
@example(text="n.o")
@example(text="d99999999999999999.s61")
def test_other_texts_are_no_cursors(text: str) -> None:
    assume(not re.fullmatch(CURSOR_PATTERN, text))
    with pytest.raises(Invalid) as refused:
        decode_cursor(text)
    assert [fault.field for fault in refused.value.errors] == ["cursor"]


@pytest.mark.parametrize("text", ["", "nonsense", "n.o12", "n.s\n", "i1.s6", "d1e5.s61", "n.s61 "])
def test_a_wrong_form_is_invalid(text: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(text)
