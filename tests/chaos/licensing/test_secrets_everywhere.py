"""Secrets of the wing are looked for in every answer to a GET, in the log of a process, and in all that is stored."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.models.licensing.providers import WEBHOOK_SECRET, ProviderName
from app.repositories.mongo import Mongo
from tests.chaos.licensing.processes import (
    ADMIN,
    PROVIDERS,
    SEARCH,
    SYNC,
    TRACKS,
    WING,
    Measured,
    clients,
    processes,
    set_up,
)
from tests.chaos.licensing.stored import stored_texts
from tests.chaos.licensing.syncing import SECRETS_KEY
from tests.conftest import DATABASE
from tests.licensing.sandbox import Sandbox
from tests.service import Service
from tests.serving import SECRET

SOUNDSTRIPE = ProviderName.SOUNDSTRIPE
USE = {"usage": "tv", "territory": "DE"}
OF_WEBHOOKS = "wh1spered-to-sign-with-0123456789"
OF_SUBSCRIPTION = "wh1spered-to-a-subscriber-0123456789"
WRONG_KEY = "wh1spered-but-wrong"


def secrets_of(sandbox: Sandbox) -> dict[str, str]:
    """All of them, by what they are; also in the form in which they travel."""
    found = {
        f"{name} {key}": value
        for name, credentials in sandbox.credentials.items()
        for key, value in credentials.items()
        if not key.endswith("Url")
    }
    artlist = sandbox.credentials[ProviderName.ARTLIST]
    found["artlist basic"] = f"{artlist['clientId']}:{artlist['clientSecret']}"
    found |= {"webhook": OF_WEBHOOKS, "subscription": OF_SUBSCRIPTION, "wrong": WRONG_KEY}
    packed = {f"{name}, base64": base64.b64encode(value.encode()).decode().rstrip("=") for name, value in found.items()}
    return found | packed | {"key of secrets": SECRETS_KEY, "key of tokens": SECRET}


@pytest.fixture
async def service(mongo: Mongo, mongod: str, tmp_path: Path) -> AsyncIterator[Service]:
    more = {"LOG_LEVEL": "debug", "LOG_FORMAT": "json"}
    async with processes(1, mongod, DATABASE, tmp_path, **more) as (service,):
        yield service


async def use_all(api: httpx.AsyncClient, sandbox: Sandbox, track_id: str) -> dict[str, str]:
    """Everything for which a secret is needed, also where it is refused; returns ids for the paths of the wing."""
    for name in ProviderName:
        await set_up([api], sandbox, name, licenseTerms={"type": "subscription"})
    await api.put(f"{PROVIDERS}/soundstripe", json={"credentials": {WEBHOOK_SECRET: OF_WEBHOOKS}})
    hook = {"url": f"{sandbox.address}/hook", "events": ["sync.completed"], "secret": OF_SUBSCRIPTION}
    subscribed = await api.post(f"{WING}/webhook-subscriptions", json=hook)
    assert subscribed.status_code == 201, subscribed.text
    await api.post(f"{WING}/webhooks/soundstripe", json={"event": "x"}, headers={"X-Signature": "sha256=00"})
    await asyncio.gather(*(api.get(SEARCH, params={"provider": name.value, "query": "calm"}) for name in ProviderName))
    path = f"{TRACKS}/soundstripe/{track_id}"
    for order in ("validate-license", "usage"):
        body = USE if order == "validate-license" else {"projectId": "p", **USE}
        assert (await api.post(f"{path}/{order}", json=body)).is_success
    of_track = {"provider": "soundstripe", "trackId": track_id}
    download = await api.post(f"{WING}/downloads", json={**of_track, "projectId": "p", **USE})
    favorite = await api.post(f"{WING}/favorites", json=of_track)
    synced = await api.post(f"{SYNC}/soundstripe", json={"maxTracks": 50})
    await refused(api, sandbox)
    return {
        "provider": "soundstripe",
        "trackId": track_id,
        "subscriptionId": subscribed.json()["id"],
        "downloadId": download.json()["id"],
        "favoriteId": favorite.json()["id"],
        "jobId": synced.json()["jobId"],
    }


async def refused(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    """Keys that have expired, that are wrong, and that are none."""
    await sandbox.expire_credentials()
    for name in ProviderName:
        await api.get(SEARCH, params={"provider": name.value, "query": "dark"})
    await sandbox.expire_credentials(expired=False)
    await api.put(f"{PROVIDERS}/hooksounds", json={"credentials": {"key": WRONG_KEY}})
    await api.get(SEARCH, params={"provider": "hooksounds", "query": "hopeful"})
    none = {"credentials": {"apiKey": f"{WRONG_KEY} {OF_WEBHOOKS}", WRONG_KEY: WRONG_KEY}}
    assert (await api.put(f"{PROVIDERS}/soundstripe", json=none)).status_code == 400


async def all_answers(api: httpx.AsyncClient, ids: dict[str, str]) -> list[httpx.Response]:
    """To every GET of the wing, and to those that tell about the process."""
    document: dict[str, Any] = (await api.get("/openapi.json")).json()
    templates = [path for path, verbs in document["paths"].items() if "get" in verbs and "music-licensing" in path]
    paths = [re.sub(r"\{(\w+)\}", lambda name: ids.get(name[1], "x"), template) for template in templates]
    paths += ["/openapi.json", "/metrics", "/health/ready"]
    return [await api.get(path, headers=ADMIN) for path in paths]


async def test_no_secret_is_found_anywhere(service: Service, mongod: str, sandbox: Sandbox, measured: Measured) -> None:
    track_id = (await sandbox.tracks("soundstripe", usable=True))[0]["id"]
    async with clients([service]) as (api,):
        answers = await all_answers(api, await use_all(api, sandbox, track_id))
    await asyncio.to_thread(service.stop)
    stored = stored_texts(mongod, DATABASE)
    texts = {str(answer.request.url): f"{answer.headers} {answer.text}" for answer in answers}
    texts |= {"the log": service.log} | {f"the collection {name}": text for name, text in stored.items()}

    found = [
        (what, where) for what, secret in secrets_of(sandbox).items() for where, text in texts.items() if secret in text
    ]
    assert found == []
    # They were looked for where there is something.
    assert [answer.request.url for answer in answers if answer.status_code >= 500] == []
    assert sum(answer.status_code == 200 for answer in answers) >= 25
    assert '"route": "/api/music-licensing/search"' in service.log
    assert all(stored[name] for name in ("provider_setups", "webhook_subscriptions", "licensing_cache", "music_usages"))
    size = sum(map(len, texts.values())) // 1_000
    measured("secrets looked for, places, kB", (len(secrets_of(sandbox)), len(texts), size))
