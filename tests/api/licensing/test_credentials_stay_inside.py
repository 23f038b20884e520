"""Credentials of providers are found nowhere: in no answer, no log line, and not in the database in the clear."""

import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pymongo
import pytest

from app.models.identity import Role
from app.models.licensing.providers import ProviderName
from tests.integration.licensing.hostile_server import Answer, HostileServer, cut_off, hostile_server, says
from tests.service import Service
from tests.serving import bearer

PROVIDERS = "/api/admin/music-licensing/providers"
SEARCH = "/api/music-licensing/search"
DATABASE = "playledger-credentials"
ADMIN = bearer("admin-1", Role.ADMIN)
SECRETS = {
    ProviderName.SOUNDSTRIPE: {"apiKey": "wh1spered-soundstripe-key"},
    ProviderName.ARTLIST: {"clientId": "wh1spered-artlist-id", "clientSecret": "wh1spered-artlist-secret"},
    ProviderName.HOOKSOUNDS: {"key": "wh1spered-hooksounds-key", "token": "wh1spered-hooksounds-token"},
    ProviderName.OPENVERSE: {"clientId": "wh1spered-openverse-id", "clientSecret": "wh1spered-openverse-secret"},
    ProviderName.JAMENDO: {"clientId": "wh1spered-jamendo-id"},
}
MARK = "wh1spered"
TOKEN = b'{"access_token": "wh1spered-access-token", "token_type": "Bearer", "expires_in": 3600}'
# Each as many providers do when they fail: also by repeating what they were sent.
ANSWERS: list[Answer] = [
    says(body=TOKEN, Content_Type="application/json"),
    says(500, b"wh1spered-echo"),
    says(401, b'{"error": "wh1spered-echo is no key"}'),
    says(302, b"", Location="https://elsewhere.example/?key=wh1spered-echo"),
    says(200, b"<html>wh1spered-echo</html>"),
    cut_off(),
    cut_off(b"wh1spered-echo\r\n\r\n"),
    says(429, b"wh1spered-echo"),
    says(body=TOKEN, Content_Type="application/json"),
    says(404, b"wh1spered-echo"),
]


@pytest.fixture
async def service(mongod: str, tmp_path: Path) -> AsyncIterator[Service]:
    service = Service(
        tmp_path,
        MONGODB_URI=mongod,
        MONGODB_DATABASE=DATABASE,
        LOG_LEVEL="debug",
        PROVIDER_SECRETS_KEY=base64.urlsafe_b64encode(os.urandom(32)).decode(),
    )
    service.start().wait_until_ready()
    yield service
    service.stop()
    with pymongo.MongoClient[dict[str, Any]](mongod) as client:
        client.drop_database(DATABASE)


async def set_up_and_search(service: Service, server: HostileServer) -> list[httpx.Response]:
    answers = []
    async with httpx.AsyncClient(base_url=service.address, timeout=60) as api:
        for name, credentials in SECRETS.items():
            more = {"tokenUrl": f"{server.address}/{MARK}/token"} if name is ProviderName.ARTLIST else {}
            body = {"enabled": True, "baseUrl": server.address, "credentials": credentials | more}
            answers.append(await api.put(f"{PROVIDERS}/{name}", json=body, headers=ADMIN))
            assert answers[-1].status_code == 200, answers[-1].text
        wrong = {"credentials": {"apiKey": f"{MARK} with a blank", "nothing": MARK}}
        answers.append(await api.put(f"{PROVIDERS}/soundstripe", json=wrong, headers=ADMIN))
        for number in range(2):
            for name in SECRETS:
                params = {"provider": name.value, "query": f"q{number}"}
                answers.append(await api.get(SEARCH, params=params, headers=ADMIN))
        paths = (PROVIDERS, f"{PROVIDERS}/artlist", "/metrics", "/api/music-licensing/analytics/providers")
        return [*answers, *[await api.get(path, headers=ADMIN) for path in paths]]


def dumped(mongod: str) -> str:
    with pymongo.MongoClient[dict[str, Any]](mongod) as client:
        database = client[DATABASE]
        return str([list(database[name].find({})) for name in database.list_collection_names()])


async def test_no_credential_leaves(service: Service, mongod: str) -> None:
    async with hostile_server(*ANSWERS) as server:
        answers = await set_up_and_search(service, server)
        asked = str(server.asked)
    # The providers did get them, in headers, queries and forms.
    assert asked.count(MARK) >= 3
    assert len(server.asked) > 10
    assert not [answer.request.url for answer in answers if MARK in answer.text or MARK in str(answer.headers)]
    assert MARK not in service.log
    assert "provider" in service.log
    stored = dumped(mongod)
    assert "soundstripe" in stored
    assert MARK not in stored
