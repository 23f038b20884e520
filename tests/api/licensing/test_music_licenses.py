"""Licences over HTTP: verdicts, uses, evidence, terms, changes and the two analyses; tracks come out of memory."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import httpx
import pytest

from app.clock import SystemClock, iso
from app.main import assemble
from app.models.identity import Role
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceCode, LicenceFacts
from app.repositories.mongo import Mongo
from app.services.identity.minting import mint_token
from tests.conftest import DATABASE
from tests.licensing.fake_provider import track
from tests.licensing.licence_house import FakeFacts, free_track
from tests.serving import SECRET, bearer, served, settings_for

TRACKS = "/api/music-licensing/tracks"
ADMIN = "/api/admin/music-licensing"
ANALYTICS = "/api/music-licensing/analytics"
ONE = f"{TRACKS}/soundstripe/1"
FREE = f"{TRACKS}/internet_archive/album/01 song.mp3"
TERMS = f"{ADMIN}/providers/soundstripe/license-terms"
QUESTION = {"usage": "youtube", "territory": "DE"}
NEW = {"projectId": "spring", **QUESTION}
ANN = bearer("ann")
FACTS = FakeFacts(SystemClock())


def of_tenants(*tenants: str) -> dict[str, str]:
    token = mint_token(SECRET, user_id="ann", clock=SystemClock(), lifetime=timedelta(hours=1), tenants=tenants)
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
async def address(mongod: str, migrated: Mongo, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The app, with tracks that lie in memory."""
    settings = settings_for(mongod, DATABASE, data_dir=tmp_path_factory.mktemp("data"))
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr("app.main.jobs_of", lambda house: [])
        patches.setattr("app.container.licensing.TrackLookup", lambda *_: FACTS)
        app = assemble(settings, SystemClock())
    async with served(app) as address:
        yield address


@pytest.fixture(autouse=True)
def tracks() -> None:
    FACTS.tracks.clear()
    FACTS.fails = False
    free = free_track(7, provider=ProviderName.INTERNET_ARCHIVE, id="album/01 song.mp3")
    FACTS.offer(track(1), track(2), free)


async def put_terms(api: httpx.AsyncClient, admin: dict[str, str], tenant: str | None = None, **terms: Any) -> Any:
    params = {} if tenant is None else {"tenantId": tenant}
    answer = await api.put(TERMS, json=terms, params=params, headers=admin)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def validate(api: httpx.AsyncClient, headers: dict[str, str] = ANN, path: str = ONE, **changes: Any) -> Any:
    answer = await api.post(f"{path}/validate-license", json=QUESTION | changes, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def record(api: httpx.AsyncClient, path: str = ONE, headers: dict[str, str] = ANN, **changes: Any) -> Any:
    answer = await api.post(f"{path}/usage", json=NEW | changes, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


CALLS = [
    ("POST", f"{ONE}/validate-license"),
    ("POST", f"{ONE}/usage"),
    ("GET", f"{ONE}/evidence"),
]
ADMIN_CALLS = [
    ("GET", TERMS),
    ("PUT", TERMS),
    ("GET", f"{TERMS}/versions"),
    ("GET", f"{ADMIN}/license-changes"),
    ("GET", f"{ADMIN}/license-changes/x/uses"),
    ("POST", f"{ADMIN}/licenses/check"),
    ("GET", f"{ANALYTICS}/usage"),
    ("GET", f"{ANALYTICS}/compliance"),
]


async def test_only_with_a_token(api: httpx.AsyncClient) -> None:
    for method, path in [*CALLS, *ADMIN_CALLS, ("POST", f"{TRACKS}/nobody/1/usage")]:
        answer = await api.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED"), path


async def test_only_admins_administrate(api: httpx.AsyncClient) -> None:
    for method, path in ADMIN_CALLS:
        answer = await api.request(method, path, headers=bearer("eve", Role.ARTIST))
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN"), path


@pytest.mark.parametrize("path", [f"{ONE}/validate-license", f"{ONE}/usage"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"territory": "ZZ"},
        {"territory": "Germany"},
        {"territory": None},
        {"usage": ""},
        {"usage": "You Tube"},
        {"usage": 7},
        {"more": 1},
        {"projectId": ""},
        {"date": "2026-02-30"},
    ],
    ids=str,
)
async def test_bad_questions_are_400(api: httpx.AsyncClient, path: str, wrong: dict[str, Any]) -> None:
    body = (NEW if path.endswith("usage") else QUESTION) | wrong
    answer = await api.post(path, json=body, headers=ANN)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


NO_DATES = [
    "2026-13-01",
    "yesterday",
    "2026-01-01T00:00:00",
    "1767225600",
    1767225600,
    "0001-01-01T00:00:00+05:00",
]


@pytest.mark.parametrize("wrong", NO_DATES)
async def test_dates_that_are_none(api: httpx.AsyncClient, wrong: object) -> None:
    answer = await api.post(f"{ONE}/validate-license", json=QUESTION | {"date": wrong}, headers=ANN)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "date")


@pytest.mark.parametrize("key", ["", "a b", "x" * 256])
async def test_bad_idempotency_keys_are_400(api: httpx.AsyncClient, key: str) -> None:
    answer = await api.post(f"{ONE}/usage", json=NEW, headers=ANN | {"Idempotency-Key": key})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"territories": ["XX"]},
        {"uses": ["A B"]},
        {"expiresAt": "soon"},
        {"validFrom": "2026-01-02T00:00:00Z", "expiresAt": "2026-01-01T00:00:00Z"},
        {"expiresAt": "0001-01-01T00:00:00+14:00"},
        {"price": 1},
    ],
    ids=str,
)
async def test_bad_terms_are_400(api: httpx.AsyncClient, admin: dict[str, str], wrong: dict[str, Any]) -> None:
    answer = await api.put(TERMS, json=wrong, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "params",
    [
        {"groupBy": "year"},
        {"startDate": "x"},
        {"endDate": "2026-01-01T00:00"},
        {"startDate": "2026-01-02", "endDate": "2026-01-01"},
    ],
    ids=str,
)
async def test_bad_analyses_are_400(api: httpx.AsyncClient, admin: dict[str, str], params: dict[str, str]) -> None:
    assert (await api.get(f"{ANALYTICS}/usage", params=params, headers=admin)).status_code == 400


async def test_unknown_things_are_404(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    calls = [
        ("POST", f"{TRACKS}/soundstripe/none/validate-license", QUESTION, "Track not found"),
        ("POST", f"{TRACKS}/soundstripe/none/usage", NEW, "Track not found"),
        ("POST", f"{TRACKS}/nobody/1/usage", NEW, "Provider not found"),
        ("GET", f"{ADMIN}/providers/nobody/license-terms", None, "Provider not found"),
        ("GET", TERMS, None, "There are no such terms"),
        ("GET", f"{ADMIN}/license-changes/none/uses", None, "Change not found"),
    ]
    for method, path, body, said in calls:
        answer = await api.request(method, path, json=body, headers=admin)
        assert (answer.status_code, answer.json()["error"]) == (404, said), path
    nothing = await api.get(f"{TRACKS}/soundstripe/none/evidence", headers=ANN)
    assert nothing.json() == {"items": [], "nextCursor": None}


async def test_a_provider_that_fails_is_502(api: httpx.AsyncClient) -> None:
    FACTS.fails = True
    for call in ("validate-license", "usage"):
        answer = await api.post(f"{ONE}/{call}", json=NEW if call == "usage" else QUESTION, headers=ANN)
        assert (answer.status_code, answer.json()["code"]) == (502, "UPSTREAM_ERROR")


async def test_a_verdict(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    before = await validate(api)
    assert (before["valid"], before["license"]["type"], before["license"]["terms"]) == (False, "contract", None)
    assert before["reasons"] == ["Nobody has entered the terms of a contract with the provider"]
    ends = iso(datetime.now(UTC) + timedelta(days=10))
    made = await put_terms(
        api, admin, type="subscription", uses=["youtube"], territories=["de"], expiresAt=ends, attribution="Music: S"
    )
    assert (made["version"], made["territories"], made["madeBy"]) == (1, ["DE"], "admin-1")
    after = await validate(api, territory="de")
    assert (after["valid"], after["reasons"]) == (True, [])
    licence = after["license"]
    assert licence["terms"] == made
    assert (licence["code"], licence["validUntil"], licence["attribution"]) == ("contract", ends, "Music: S")
    assert set(licence) == {"code", "version", "url", "attribution", "type", "terms", "evidence", "validUntil"}
    assert set(licence["evidence"]) == {"version", "observedAt", "hash"}
    assert not (await validate(api, date=ends))["valid"]
    assert not (await validate(api, date=ends[:10]))["valid"]
    assert not (await validate(api, date="2020-01-01"))["valid"]
    assert (await validate(api, date=iso(datetime.now(UTC) + timedelta(days=9))[:10]))["valid"]
    assert (await api.get(TERMS, headers=admin)).json() == made


async def test_a_free_track_whose_id_has_slashes(api: httpx.AsyncClient) -> None:
    verdict = await validate(api, path=FREE)
    licence = verdict["license"]
    assert (verdict["valid"], licence["code"], licence["type"]) == (True, "by", "creative_commons")
    assert (licence["version"], licence["validUntil"]) == ("4.0", None)
    usage = await record(api, FREE)
    assert (usage["trackId"], usage["license"]["termsVersion"]) == ("album/01 song.mp3", None)
    listed = (await api.get(f"{FREE}/evidence", headers=bearer("anybody"))).json()
    assert [(one["version"], one["code"], one["withdrawn"]) for one in listed["items"]] == [(1, "by", False)]
    assert listed["items"][0]["hash"] == licence["evidence"]["hash"]


async def test_a_use_is_recorded_only_with_a_licence(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    refused = await api.post(f"{ONE}/usage", json=NEW, headers=ANN)
    assert (refused.status_code, refused.json()["code"]) == (409, "LICENSE_INVALID")
    assert "Nobody has entered the terms" in refused.json()["error"]
    await put_terms(api, admin, uses=["youtube"])
    usage = await record(api)
    assert {name: usage[name] for name in ("provider", "trackId", "title", "artist", "projectId", "userId")} == {
        "provider": "soundstripe",
        "trackId": "1",
        "title": "Track 1",
        "artist": "Artist 1",
        "projectId": "spring",
        "userId": "ann",
    }
    assert (usage["license"]["termsVersion"], usage["license"]["evidence"]["version"]) == (1, 1)
    await put_terms(api, admin, expiresAt="2026-01-01T00:00:00Z")
    expired = await api.post(f"{ONE}/usage", json=NEW, headers=ANN)
    assert (expired.status_code, expired.json()["code"]) == (409, "LICENSE_INVALID")
    assert "2026-01-01T00:00:00.000Z" in expired.json()["error"]


async def test_the_same_key_is_one_use(api: httpx.AsyncClient, admin: dict[str, str], mongo: Mongo) -> None:
    await put_terms(api, admin)
    first = await record(api, headers=ANN | {"Idempotency-Key": "k-1"})
    assert await record(api, headers=ANN | {"Idempotency-Key": "k-1"}) == first
    other = await api.post(f"{TRACKS}/soundstripe/2/usage", json=NEW, headers=ANN | {"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json()["code"]) == (409, "CONFLICT")
    assert await mongo.db["music_usages"].count_documents({}) == 1


async def test_tenants_have_terms_of_their_own(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    """In both directions: a tenant's terms count for nobody else, and others' not for it."""
    a, b = of_tenants("label-a", "shared"), of_tenants("label-b")
    await put_terms(api, admin, "label-a", uses=["youtube"])
    as_a, as_b = a | {"X-Tenant-Id": "label-a"}, b | {"X-Tenant-Id": "label-b"}
    assert (await validate(api, as_a))["valid"]
    assert not (await validate(api, as_b))["valid"]
    assert not (await validate(api, a))["valid"]
    assert not (await validate(api, a | {"X-Tenant-Id": "shared"}))["valid"]
    await put_terms(api, admin, uses=["tv"])
    assert not (await validate(api, as_a, usage="tv"))["valid"]
    assert (await validate(api, as_b, usage="tv"))["valid"]
    used = await record(api, headers=as_a)
    assert (used["tenantId"], used["license"]["termsTenantId"]) == ("label-a", "label-a")
    for headers in (a | {"X-Tenant-Id": "label-b"}, b | {"X-Tenant-Id": "label-a"}, admin | {"X-Tenant-Id": "label-a"}):
        for call in ("validate-license", "usage"):
            body = NEW if call == "usage" else QUESTION
            answer = await api.post(f"{ONE}/{call}", json=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    versions = (await api.get(f"{TERMS}/versions", params={"tenantId": "label-a"}, headers=admin)).json()
    assert [one["uses"] for one in versions["items"]] == [["youtube"]]


async def test_changes_and_the_uses_that_they_touch(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    await put_terms(api, admin)
    used = await record(api)
    await put_terms(api, admin, uses=["tv"])
    FACTS.offer(track(1, licence=LicenceFacts(LicenceCode.UNKNOWN)))
    assert not (await validate(api))["valid"]
    changes = (await api.get(f"{ADMIN}/license-changes", headers=admin)).json()["items"]
    assert [(one["kind"], one["fromVersion"], one["toVersion"], one["changedBy"]) for one in changes] == [
        ("evidence", 1, 2, None),
        ("terms", 1, 2, "admin-1"),
        ("terms", None, 1, "admin-1"),
    ]
    uses = [
        (await api.get(f"{ADMIN}/license-changes/{one['id']}/uses", headers=admin)).json()["items"] for one in changes
    ]
    assert uses == [[used], [used], []]
    page = (await api.get(f"{ADMIN}/license-changes", params={"limit": 2}, headers=admin)).json()
    rest = await api.get(f"{ADMIN}/license-changes", params={"cursor": page["nextCursor"]}, headers=admin)
    assert [*page["items"], *rest.json()["items"]] == changes


async def test_compliance_and_the_check(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    empty = (await api.get(f"{ANALYTICS}/compliance", headers=admin)).json()
    assert (empty["totalUses"], empty["complianceRate"], empty["byProvider"]) == (0, None, [])
    await put_terms(api, admin, type="subscription", expiresAt=iso(datetime.now(UTC) + timedelta(days=6, hours=1)))
    used = await record(api)
    await record(api, FREE)
    found = (await api.get(f"{ANALYTICS}/compliance", headers=admin)).json()
    assert (found["totalUses"], found["validUses"], found["complianceRate"]) == (2, 2, 100.0)
    soon = found["expiringSoon"][0]
    assert (soon["provider"], soon["daysLeft"], soon["warning"], soon["uses"]) == ("soundstripe", 7, 7, 1)
    await put_terms(api, admin, expiresAt="2026-01-01T00:00:00Z")
    found = (await api.get(f"{ANALYTICS}/compliance", headers=admin)).json()
    assert (found["validUses"], found["complianceRate"], found["expiringSoon"]) == (1, 50.0, [])
    assert found["expired"][0]["daysLeft"] == 0
    assert found["invalidUses"]["count"] == 1
    assert found["invalidUses"]["items"][0]["use"] == used
    assert found["byProvider"][0] == {
        "provider": "soundstripe",
        "totalUses": 1,
        "validUses": 0,
        "complianceRate": 0.0,
    }
    checked = await api.post(f"{ADMIN}/licenses/check", headers=admin)
    assert (checked.status_code, checked.json()["expired"], checked.json()["warned"]) == (200, 1, 1)
    assert (await api.post(f"{ADMIN}/licenses/check", headers=admin)).json()["warned"] == 0


def by_name(used: Sequence[tuple[datetime, str]], form: str) -> dict[str, list[str]]:
    """The tracks by the day, week or month of their uses: mostly one, but a new one may begin meanwhile."""
    return {name: [path for _, path in uses] for name, uses in groupby(used, lambda use: use[0].strftime(form))}


async def test_usage_analytics(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    empty = {"usageOverTime": [], "topTracks": [], "genreDistribution": [], "moodDistribution": []}
    assert (await api.get(f"{ANALYTICS}/usage", headers=admin)).json() == empty
    await put_terms(api, admin)
    paths = (ONE, ONE, f"{TRACKS}/soundstripe/2", FREE)
    used = [(datetime.fromisoformat((await record(api, path))["usedAt"]), path) for path in paths]
    first, last = used[0][0], used[-1][0]
    for group_by, form in (("day", "%Y-%m-%d"), ("week", "%G-W%V"), ("month", "%Y-%m")):
        params = {"groupBy": group_by, "startDate": f"{first:%Y-%m-%d}", "endDate": f"{last:%Y-%m-%d}"}
        found = (await api.get(f"{ANALYTICS}/usage", params=params, headers=admin)).json()
        assert found["usageOverTime"] == [
            {"_id": name, "totalUsage": len(tracks), "uniqueTracks": len(set(tracks))}
            for name, tracks in by_name(used, form).items()
        ]
    top = {"provider": "soundstripe", "trackId": "1", "title": "Track 1", "artist": "Artist 1", "totalUsage": 2}
    assert found["topTracks"][0] == top
    assert len(found["topTracks"]) == 3
    assert found["genreDistribution"] == [{"_id": "pop", "count": 3}, {"_id": "ambient", "count": 1}]
    assert found["moodDistribution"] == [{"_id": "dark", "count": 3}, {"_id": "calm", "count": 1}]
    before = {"endDate": iso(first - timedelta(days=1))}
    assert (await api.get(f"{ANALYTICS}/usage", params=before, headers=admin)).json() == empty
