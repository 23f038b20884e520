"""`/api/music-licensing/webhooks` and `/webhook-subscriptions` over HTTP."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.models.identity import Role
from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Mongo
from app.services.licensing.providers.registry import POLICIES
from app.services.licensing.webhooks.signatures import sign
from tests.licensing.receiver import Receiver, receiving
from tests.licensing.sandbox import Sandbox
from tests.serving import bearer
from tests.waiting import eventually

WEBHOOKS = "/api/music-licensing/webhooks"
SUBSCRIPTIONS = "/api/music-licensing/webhook-subscriptions"
ADMIN = "/api/admin/music-licensing"
SECRET = "whsec-that-is-long-enough"
SOUNDSTRIPE = ProviderName.SOUNDSTRIPE
NOTICE = {"id": "e-1", "event": "track.updated", "trackIds": ["1"]}
WANTED = {"url": "https://hooks.example.com/x", "events": ["license.expired", "license.expiring"]}
LISTENER = bearer("ada", Role.ARTIST)


def signed(body: bytes, secret: str = SECRET, prefix: str = "X", age: int = 0) -> dict[str, str]:
    at = str(int(time.time()) - age)
    return {f"{prefix}-Signature": sign(secret, at, body), f"{prefix}-Timestamp": at}


@pytest.fixture
async def provider(
    api: httpx.AsyncClient, admin: dict[str, str], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Soundstripe at the sandbox, with a secret for its webhook."""
    policy = POLICIES[SOUNDSTRIPE]
    credentials = tuple(dict.fromkeys((*policy.optional_credentials, "webhookSecret")))
    monkeypatch.setitem(POLICIES, SOUNDSTRIPE, replace(policy, optional_credentials=credentials))
    body = {
        "enabled": True,
        "baseUrl": sandbox.base_urls[SOUNDSTRIPE],
        "credentials": {**sandbox.credentials[SOUNDSTRIPE], "webhookSecret": SECRET},
    }
    changed = await api.put(f"{ADMIN}/providers/soundstripe", json=body, headers=admin)
    assert changed.status_code == 200, changed.text
    assert SECRET not in changed.text


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


async def hear(api: httpx.AsyncClient, body: bytes, headers: dict[str, str], name: str = "soundstripe") -> Any:
    return await api.post(f"{WEBHOOKS}/{name}", content=body, headers=headers)


async def come(mongo: Mongo, collection: str, state: str) -> None:
    """Come back when one is in this state."""

    async def is_there() -> bool:
        return await mongo.db[collection].count_documents({"state": state}) > 0

    await eventually(is_there)


@pytest.mark.usefixtures("provider")
class TestInbound:
    async def test_who_does_not_sign_is_401(self, api: httpx.AsyncClient, mongo: Mongo) -> None:
        body = json.dumps(NOTICE).encode()
        for headers in (
            {},
            signed(body, "another-secret"),
            signed(body + b" "),
            signed(body, age=301),
            signed(body, age=-330),
            LISTENER,
        ):
            answer = await hear(api, body, headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
        assert await mongo.db["webhook_receipts"].count_documents({}) == 0

    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b'{"event": "x"}', b'{"event": "track.updated"}', b'{"event": "track.updated", "trackIds": "1"}'],
    )
    async def test_bad_notices_are_400(self, api: httpx.AsyncClient, body: bytes) -> None:
        answer = await hear(api, body, signed(body))
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
        assert answer.json()["errors"]

    async def test_too_much_is_413(self, api: httpx.AsyncClient) -> None:
        body = b" " * (1024 * 1024 + 1)
        assert (await hear(api, body, signed(body))).status_code == 413

    async def test_without_a_secret_or_a_provider_it_is_404(self, api: httpx.AsyncClient) -> None:
        body = json.dumps(NOTICE).encode()
        for name in ("artlist", "napster"):
            assert (await hear(api, body, signed(body), name)).status_code == 404

    @pytest.mark.parametrize("prefix", ["X", "X-Soundstripe"])
    async def test_a_notice_starts_a_sync_once(
        self, api: httpx.AsyncClient, admin: dict[str, str], mongo: Mongo, prefix: str
    ) -> None:
        body = json.dumps({**NOTICE, "trackIds": ["1", "2"]}).encode()
        headers = signed(body, prefix=prefix)
        first, again = await hear(api, body, headers), await hear(api, body, headers)
        assert (first.status_code, first.json()) == (202, {"accepted": True, "duplicate": False})
        assert (again.status_code, again.json()) == (200, {"accepted": True, "duplicate": True})
        anew = await hear(api, body, signed(body, prefix=prefix, age=5))
        assert anew.status_code == 200
        await come(mongo, "webhook_receipts", "done")
        jobs = (await api.get(f"{ADMIN}/sync/jobs", headers=admin)).json()["items"]
        assert [job["provider"] for job in jobs] == ["soundstripe"]


CALLS = [
    ("POST", SUBSCRIPTIONS),
    ("GET", SUBSCRIPTIONS),
    ("GET", f"{SUBSCRIPTIONS}/x"),
    ("DELETE", f"{SUBSCRIPTIONS}/x"),
    ("GET", f"{SUBSCRIPTIONS}/x/deliveries"),
]


class TestSubscriptions:
    @pytest.mark.parametrize(("method", "path"), CALLS)
    async def test_are_for_admins(self, api: httpx.AsyncClient, method: str, path: str) -> None:
        assert (await api.request(method, path)).status_code == 401
        assert (await api.request(method, path, headers=LISTENER)).status_code == 403

    @pytest.mark.parametrize(
        "changes",
        [
            {"url": "ftp://hooks.example.com"},
            {"url": "https://user:pass@hooks.example.com/"},
            {"url": "https:///path"},
            {"url": "https://hooks.example.com/#x"},
            {"url": "https://hooks.example.com:0/"},
            {"url": "https://hooks.example.com/ü"},
            {"url": "javascript:alert(1)"},
            {"events": []},
            {"events": ["license.lost"]},
            {"secret": "short"},
            {"secret": "with a blank in the middle"},
            {"createdBy": "me"},
        ],
    )
    async def test_bad_ones_are_400(self, api: httpx.AsyncClient, admin: dict, changes: dict) -> None:
        answer = await api.post(SUBSCRIPTIONS, json=WANTED | changes, headers=admin)
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")

    @pytest.mark.parametrize(("method", "path"), CALLS[2:])
    async def test_unknown_ones_are_404(self, api: httpx.AsyncClient, admin: dict, method: str, path: str) -> None:
        assert (await api.request(method, path, headers=admin)).status_code == 404

    async def test_the_secret_is_shown_once(self, api: httpx.AsyncClient, admin: dict, mongo: Mongo) -> None:
        made = await api.post(SUBSCRIPTIONS, json=WANTED, headers=admin)
        assert made.status_code == 201
        shown = made.json()
        secret = shown.pop("secret")
        assert len(secret) >= 32
        assert shown == {
            "id": shown["id"],
            **WANTED,
            "active": True,
            "createdAt": shown["createdAt"],
            "createdBy": "admin-1",
            "disabledAt": None,
            "disabledReason": None,
        }
        one = await api.get(f"{SUBSCRIPTIONS}/{shown['id']}", headers=admin)
        listed = await api.get(SUBSCRIPTIONS, headers=admin)
        assert one.json() == shown
        assert listed.json() == {"items": [shown], "nextCursor": None}
        assert secret not in str(await mongo.db["webhook_subscriptions"].find({}).to_list(None))
        own = await api.post(SUBSCRIPTIONS, json={**WANTED, "secret": "my-own-secret-of-16"}, headers=admin)
        assert own.json()["secret"] == "my-own-secret-of-16"

    async def test_removed_ones_are_gone(self, api: httpx.AsyncClient, admin: dict) -> None:
        made = (await api.post(SUBSCRIPTIONS, json=WANTED, headers=admin)).json()["id"]
        removed = await api.delete(f"{SUBSCRIPTIONS}/{made}", headers=admin)
        assert (removed.status_code, removed.json()) == (200, {"id": made})
        assert (await api.get(f"{SUBSCRIPTIONS}/{made}/deliveries", headers=admin)).status_code == 404

    async def test_there_are_at_most_a_hundred(
        self, api: httpx.AsyncClient, admin: dict, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.services.licensing.webhooks.subscriptions.MOST_SUBSCRIPTIONS", 2)
        statuses = [(await api.post(SUBSCRIPTIONS, json=WANTED, headers=admin)).status_code for _ in range(3)]
        assert statuses == [201, 201, 409]

    async def test_a_licence_that_ends_is_told(
        self, api: httpx.AsyncClient, admin: dict, receiver: Receiver, mongo: Mongo
    ) -> None:
        subscription = (await api.post(SUBSCRIPTIONS, json={**WANTED, "url": receiver.url()}, headers=admin)).json()
        terms = {"type": "subscription", "expiresAt": "2020-01-01T00:00:00Z"}
        set_terms = await api.put(f"{ADMIN}/providers/soundstripe/license-terms", json=terms, headers=admin)
        assert set_terms.status_code == 200, set_terms.text
        for _ in range(2):
            assert (await api.post(f"{ADMIN}/licenses/check", headers=admin)).status_code == 200
        await come(mongo, "webhook_deliveries", "delivered")
        (heard,) = receiver.heard
        told = json.loads(heard.body)
        assert (told["event"], told["data"]["provider"]) == ("license.expired", "soundstripe")
        path = f"{SUBSCRIPTIONS}/{subscription['id']}/deliveries"
        (delivery,) = (await api.get(path, headers=admin)).json()["items"]
        assert delivery == {
            "id": heard.delivery,
            "event": "license.expired",
            "status": "delivered",
            "attempts": 1,
            "createdAt": delivery["createdAt"],
            "nextAttemptAt": None,
            "endedAt": delivery["endedAt"],
            "lastStatus": 200,
            "lastError": None,
        }
