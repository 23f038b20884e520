"""Openverse, the Internet Archive and Jamendo as the sandbox speaks them, over sockets."""

import json

from tests.integration.sandbox.asking import internet_archive, jamendo, openverse, openverse_with_token
from tests.licensing.sandbox import Sandbox

USABLE = {"by", "cc0", "pdm"}


async def test_openverse_pages_end_at_20_and_at_240_deep(sandbox: Sandbox) -> None:
    ask = openverse(sandbox)
    page = await ask.json("/audio/", license="by,cc0,pdm", page="12")
    assert (page["result_count"], page["page_count"], page["page_size"], page["page"]) == (240, 12, 20, 12)
    assert len(page["results"]) == 20
    for params in ({"page": "13"}, {"page_size": "21"}):
        refused = await ask.get("/audio/", **params)
        assert refused.status_code == 401
        assert "for anonymous requests" in refused.json()["detail"]


async def test_openverse_licences_can_be_asked_for_but_not_relied_on(sandbox: Sandbox) -> None:
    ask = openverse(sandbox)
    await sandbox.limit("openverse")
    shown = [
        one["license"]
        for page in range(1, 13)
        for one in (await ask.json("/audio/", license="by,cc0,pdm", page=str(page)))["results"]
    ]
    assert len(shown) == 240
    wrong = [one for one in shown if one not in USABLE]
    assert 0 < len(wrong) < 24
    bad = await ask.get("/audio/", license="cc-by")
    assert bad.status_code == 400
    assert (bad.json()["error"], bad.json()["fields"]) == ("InputError", ["license"])


async def test_openverse_tells_milliseconds_and_whole_credits(sandbox: Sandbox) -> None:
    ask = openverse(sandbox)
    [found] = [one for one in await sandbox.tracks("openverse") if one["title"].endswith(" 7")]
    track = await ask.json(f"/audio/{found['id']}/")
    assert track["duration"] == int(found["duration"] * 1_000)
    assert found["artist"] in track["attribution"]
    assert track["license_url"] in track["attribution"]
    related = await ask.json(f"/audio/{found['id']}/related/")
    assert related["results"]
    assert (await ask.file(track["url"])).content[:4] == b"RIFF"
    assert (await ask.file(track["thumbnail"])).headers["content-type"] == "image/svg+xml"
    assert (await ask.get("/audio/nobody/")).json() == {"detail": "Not found."}
    redirected = await ask.get(f"/audio/{found['id']}")
    assert redirected.status_code == 301
    assert redirected.headers["location"].startswith(f"/openverse/v1/audio/{found['id']}/")


async def test_openverse_counts_in_headers_and_refuses_the_21st_call_of_a_minute(sandbox: Sandbox) -> None:
    ask = openverse(sandbox)
    answers = [await ask.get("/audio/", q="amber") for _ in range(21)]
    assert [one.status_code for one in answers] == [200] * 20 + [429]
    assert answers[0].headers["X-RateLimit-Limit-anon_burst"] == "20/min"
    assert answers[0].headers["X-RateLimit-Available-anon_burst"] == "19"
    assert answers[0].headers["X-RateLimit-Limit-anon_sustained"] == "200/day"
    refused = answers[-1]
    assert refused.headers["X-RateLimit-Available-anon_burst"] == "0"
    assert "Retry-After" not in refused.headers
    assert "throttled" in refused.json()["detail"]


async def test_openverse_lets_a_token_ask_more_often_and_for_more_at_once(sandbox: Sandbox) -> None:
    ask = await openverse_with_token(sandbox)
    answers = [await ask.get("/audio/", page_size="50") for _ in range(25)]
    assert {one.status_code for one in answers} == {200}
    assert len(answers[0].json()["results"]) == 50
    assert answers[0].headers["X-RateLimit-Limit-oauth2_client_credentials_burst"] == "100/min"
    assert "X-RateLimit-Limit-anon_burst" not in answers[0].headers
    assert (await ask.get("/audio/", page_size="50", page="5")).status_code == 401
    ask.headers = {"Authorization": "Bearer nonsense"}
    assert (await ask.get("/audio/")).status_code == 401


async def test_the_archive_finds_items_and_gives_the_fields_that_are_asked_for(sandbox: Sandbox) -> None:
    ask = internet_archive(sandbox)
    query = r"mediatype:audio AND licenseurl:(*licenses\/by\/* OR *publicdomain*)"
    found = await ask.json(
        "/advancedsearch.php",
        q=query, rows="10", page="2", output="json", **{"fl[]": ["identifier", "licenseurl"]},
    )  # fmt: skip
    assert found["response"]["start"] == 10
    assert 100 < found["response"]["numFound"] < 400
    assert len(found["response"]["docs"]) == 10
    assert all("identifier" in one and set(one) <= {"identifier", "licenseurl"} for one in found["response"]["docs"])
    page = await ask.get("/advancedsearch.php", q=query)
    assert page.headers["content-type"].startswith("text/html")


async def test_the_archive_has_several_tracks_in_an_item_and_texts_that_are_lists(sandbox: Sandbox) -> None:
    ask = internet_archive(sandbox)
    found = await ask.json("/advancedsearch.php", rows="300", output="json")
    docs = found["response"]["docs"]
    for field in ("creator", "collection", "subject"):
        assert {type(one[field]) for one in docs} == {str, list}, field
    assert any("licenseurl" not in one for one in docs)
    items = [await ask.json(f"/metadata/{one['identifier']}") for one in docs[:12]]
    lengths = [file["length"] for item in items for file in item["files"] if "length" in file]
    assert any(":" in one for one in lengths)
    assert any("." in one for one in lengths)
    item = max(items, key=lambda one: one["files_count"])
    flac = [one for one in item["files"] if one["format"] == "Flac"]
    assert len(flac) > 1
    assert all(isinstance(one["size"], str) and len(one["md5"]) == 32 for one in flac)
    name = flac[1]["name"]
    assert (await ask.get(f"/download/{item['metadata']['identifier']}/{name}")).content[:4] == b"RIFF"
    assert (await ask.get(f"/download/{item['metadata']['identifier']}/nothing.flac")).status_code == 404
    assert await ask.json("/metadata/nobody") == {}


async def test_jamendo_says_in_the_body_what_went_wrong(sandbox: Sandbox) -> None:
    ask = jamendo(sandbox)
    assert (await ask.json("/nothing/"))["headers"]["code"] == 7
    await sandbox.limit("jamendo", {"name": "few", "limit": 1, "seconds": 60})
    assert (await ask.json("/tracks/"))["headers"]["code"] == 0
    assert (await ask.json("/tracks/"))["headers"]["code"] == 6
    ask.params = {"client_id": "wrong"}
    assert (await ask.json("/tracks/"))["headers"]["code"] == 5
    assert all(["client_id", "wrong"] not in one["query"] for one in await sandbox.calls("jamendo"))


async def test_jamendo_pages_by_offset_and_counts_when_asked(sandbox: Sandbox) -> None:
    ask = jamendo(sandbox)
    last = await ask.json("/tracks/", offset="1990", limit="50", fullcount="true", include="musicinfo")
    assert (last["headers"]["results_count"], last["headers"]["results_fullcount"]) == (10, 2_000)
    assert "results_fullcount" not in (await ask.json("/tracks/"))["headers"]
    assert len((await ask.json("/tracks/"))["results"]) == 10
    many = await ask.json("/tracks/", limit="500")
    assert len(many["results"]) == 200
    assert many["headers"]["warnings"]
    assert "musicinfo" not in many["results"][0]
    track = last["results"][0]
    assert json.loads(track["waveform"])["peaks"]
    assert isinstance(track["id"], str)
    assert (await ask.json("/tracks/", id=track["id"]))["results"][0]["name"] == track["name"]
    assert (await ask.json("/tracks/", id="1"))["results"] == []
    assert (await ask.json("/tracks/similar/", id=track["id"]))["results"]


async def test_jamendo_filters_by_licence_and_allows_not_every_download(sandbox: Sandbox) -> None:
    ask = jamendo(sandbox)
    found = await ask.json("/tracks/", ccnc="false", ccnd="false", ccsa="false", limit="200", content_id_free="true")
    urls = [one["license_ccurl"] for one in found["results"]]
    assert all(one["content_id_free"] for one in found["results"])
    assert sum("/licenses/by/" in one for one in urls) > 100
    assert "" in urls
    everything = (await ask.json("/tracks/", limit="200"))["results"]
    closed = [one for one in everything if not one["audiodownload_allowed"]]
    assert closed
    assert closed[0]["audiodownload"] == ""
    assert (await ask.get("/tracks/file/", id=closed[0]["id"])).status_code == 404
    opened = next(one for one in everything if one["audiodownload_allowed"])
    assert (await ask.get("/tracks/file/", id=opened["id"])).status_code == 302
