"""Soundstripe, Artlist and HookSounds as the sandbox speaks them, over sockets."""

import asyncio
import re
from time import monotonic

from tests.integration.sandbox.asking import artlist, artlist_token, hooksounds, soundstripe
from tests.licensing.sandbox import Sandbox


async def test_soundstripe_lists_songs_with_what_they_refer_to(sandbox: Sandbox) -> None:
    ask = soundstripe(sandbox)
    page = await ask.json("/songs", **{"page[size]": "100", "page[number]": "20"})
    assert len(page["data"]) == 100
    assert page["links"]["meta"] == {"total_count": 2_000}
    assert page["links"]["next"] is None
    assert "page%5Bnumber%5D=19" in page["links"]["prev"]
    included = {(one["type"], one["id"]): one["attributes"] for one in page["included"]}
    for song in page["data"]:
        assert song["type"] == "songs"
        [artist] = song["relationships"]["artists"]["data"]
        assert included["artists", artist["id"]]["name"]
        for file in song["relationships"]["audio_files"]["data"]:
            attributes = included["audio_files", file["id"]]
            assert isinstance(attributes["duration"], float)
            assert set(attributes["versions"]) == {"mp3", "wav"}


async def test_soundstripe_pages_have_10_songs_and_at_most_100(sandbox: Sandbox) -> None:
    ask = soundstripe(sandbox)
    assert len((await ask.json("/songs"))["data"]) == 10
    assert len((await ask.json("/songs", **{"page[size]": "5000"}))["data"]) == 100
    assert (await ask.json("/songs", **{"page[number]": "9999"}))["data"] == []


async def test_soundstripe_filters(sandbox: Sandbox) -> None:
    ask = soundstripe(sandbox)
    found = await ask.json(
        "/songs",
        **{
            "filter[q]": "amber",
            "filter[bpm][min]": "100",
            "filter[bpm][max]": "150",
            "filter[vocals]": "false",
            "filter[tags][genre]": "Rock,jazz",
            "page[size]": "100",
        },
    )
    assert 0 < found["links"]["meta"]["total_count"] < 100
    for song in found["data"]:
        attributes = song["attributes"]
        assert 100 <= attributes["bpm"] <= 150
        assert {"Rock", "Jazz"} & set(attributes["tags"]["genre"])
    assert all(one["attributes"]["instrumental"] for one in found["included"] if one["type"] == "audio_files")


async def test_soundstripe_refuses_in_its_own_words(sandbox: Sandbox) -> None:
    ask = soundstripe(sandbox)
    missing = await ask.get("/songs/999999")
    assert missing.status_code == 404
    assert missing.json() == {"errors": [{"detail": "Couldn't find Song with 'id'=999999", "status": 404}]}
    for header in ({}, {"Authorization": "Token wrong"}, {"Authorization": f"Bearer {ask.credentials['apiKey']}"}):
        ask.headers = header
        refused = await ask.get("/songs")
        assert refused.status_code == 401
        assert refused.json()["errors"][0]["status"] == 401


async def test_soundstripe_allows_25_calls_a_second(sandbox: Sandbox) -> None:
    ask = soundstripe(sandbox)
    begin = monotonic()
    statuses = [(await ask.get("/songs/1")).status_code for _ in range(25)]
    assert statuses == [200] * 25
    async with asyncio.timeout(180):
        while 429 not in statuses:  # on a slow machine even sixty at once come over two seconds
            statuses += [one.status_code for one in await asyncio.gather(*(ask.get("/songs/1") for _ in range(60)))]
    assert set(statuses) == {200, 429}
    assert statuses.count(200) <= 25 * (int(monotonic() - begin) + 1)


async def test_audio_sounds_until_its_address_ends(sandbox: Sandbox) -> None:
    ask = soundstripe(sandbox)
    versions = (await ask.json("/songs/1"))["included"][-1]["attributes"]["versions"]
    sound = await ask.file(versions["wav"])
    assert sound.status_code == 200
    assert sound.headers["content-type"] == "audio/wav"
    assert sound.content[:4] == b"RIFF"
    assert 40_000 < len(sound.content) < 60_000
    assert (await ask.file(versions["wav"].replace("/soundstripe/1/", "/soundstripe/2/"))).status_code == 403
    assert (await ask.file(versions["wav"].partition("?")[0])).status_code == 403
    await sandbox.lifetimes(addresses=0)
    ended = (await ask.json("/songs/1"))["included"][-1]["attributes"]["versions"]["wav"]
    assert (await ask.file(ended)).status_code == 403
    assert (await ask.file(versions["wav"])).status_code == 200


async def test_artlist_gives_tokens_for_the_right_secret(sandbox: Sandbox) -> None:
    ask = await artlist(sandbox)
    assert (await artlist_token(ask, secret="wrong")).status_code == 401
    assert (await artlist_token(ask, grant="password")).status_code == 400
    await sandbox.lifetimes(tokens=0)
    ended = await artlist_token(ask)
    assert ended.json()["expires_in"] == 0
    assert ended.json()["token_type"] == "Bearer"
    assert (await ask.get("/search/v1/song", page="1")).status_code == 200
    ask.headers = {"Authorization": f"Bearer {ended.json()['access_token']}"}
    refused = await ask.get("/search/v1/song", page="1")
    assert refused.status_code == 401
    assert refused.json() == {"success": False, "error": {"message": "Unauthorized", "code": 1, "status": 401}}


async def test_artlist_pages_have_20_songs_and_the_page_is_required(sandbox: Sandbox) -> None:
    ask = await artlist(sandbox)
    page = await ask.json("/search/v1/song", page="100", pageSize="50")
    assert (len(page["songs"]), page["total"]) == (20, 2_000)
    assert (await ask.json("/search/v1/song", page="101"))["songs"] == []
    assert (await ask.get("/search/v1/song")).status_code == 422
    song = page["songs"][0]
    assert (await ask.json(f"/search/v1/song/{song['id']}"))["song"]["name"] == song["name"]
    assert set(song) == {
        "id", "name", "artist", "album", "url", "imageUrl", "thumbImageUrl", "waveSurferUrl", "duration", "bpmRate",
        "genreCategories",
    }  # fmt: skip


async def test_artlist_filters_by_category_tempo_and_length(sandbox: Sandbox) -> None:
    ask = await artlist(sandbox)
    found = await ask.json(
        "/search/v1/song", page="1", categoryIds=["62", "92"], bpmMax="120", durationMin="60", vocalType="INSTRUMENTAL"
    )
    assert 0 < found["total"] < 200
    for song in found["songs"]:
        assert {"cinematic", "dark"} <= {one["name"] for one in song["genreCategories"]}
        assert song["bpmRate"] <= 120
        assert song["duration"] >= 60


async def test_artlist_counts_searches_and_downloads_apart_and_says_so(sandbox: Sandbox) -> None:
    ask = await artlist(sandbox)
    answers = [await ask.get("/search/v1/song/100001") for _ in range(51)]
    assert [one.status_code for one in answers] == [200] * 50 + [429]
    remaining = [int(one.headers["X-RateLimit-Remaining"]) for one in answers]
    assert remaining[:3] == [49, 48, 47]
    assert remaining[-1] == 0
    assert answers[0].headers["X-RateLimit-Limit"] == "50"
    assert 0 < int(answers[-1].headers["X-RateLimit-Reset"]) <= 60
    assert answers[-1].json()["error"]["status"] == 429
    download = await ask.get("/download/v1/downloadable/song/100001/wave")
    assert download.status_code == 200
    assert (await ask.file(download.json()["url"])).content[:4] == b"RIFF"
    assert (await ask.get("/download/v1/downloadable/song/100001/flac")).status_code == 404
    assert (await sandbox.peaks("artlist"))["search"]["minute"] == 51
    assert (await sandbox.peaks("artlist"))["download"]["minute"] == 2


async def test_hooksounds_is_a_shop(sandbox: Sandbox) -> None:
    ask = hooksounds(sandbox)
    products = (await ask.json("/products/", number="50", page="40"))["products"]
    assert len(products) == 50
    assert (await ask.json("/products/", number="50", page="41"))["products"] == []
    assert len((await ask.json("/products"))["products"]) == 10
    info = products[0]["info"]
    assert isinstance(info["id"], int)
    assert re.fullmatch(r"\d+:[0-5]\d", info["duration"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", info["modified_date"])
    assert (await ask.json("/products/", product=str(info["id"])))["products"][0]["info"]["title"] == info["title"]
    found = (await ask.json("/products/", s="amber", number="-1"))["products"]
    assert 0 < len(found) < 400
    assert (await ask.get("/products/", product="1")).status_code == 404


async def test_hooksounds_wants_key_and_token_and_nobody_sees_them(sandbox: Sandbox) -> None:
    ask = hooksounds(sandbox)
    assert (await ask.get("/products/", s="amber")).status_code == 200
    for wrong in ({}, {"key": ask.credentials["key"]}, ask.params | {"token": "wrong"}):
        ask.params = dict(wrong)
        refused = await ask.get("/products/")
        assert refused.status_code == 401
        assert set(refused.json()) == {"error"}
    assert [one["query"] for one in await sandbox.calls("hooksounds")] == [[["s", "amber"]], [], [], []]
