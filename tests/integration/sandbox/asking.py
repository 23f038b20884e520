"""Asks a provider of the sandbox, with or without what opens it."""

from base64 import b64encode
from typing import Any

import httpx

from app.models.licensing.providers import ProviderName
from tests.licensing.sandbox import Sandbox


class Asking:
    """One provider."""

    def __init__(self, sandbox: Sandbox, provider: ProviderName) -> None:
        self.sandbox = sandbox
        self.base = sandbox.base_urls[provider]
        self.credentials = sandbox.credentials[provider]
        self.headers: dict[str, str] = {}
        self.params: dict[str, str] = {}

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """With the credentials."""
        return await self.sandbox.http.get(
            self.base + path, params=self.params | params, headers=self.headers, follow_redirects=False
        )

    async def json(self, path: str, **params: Any) -> Any:
        answer = await self.get(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def file(self, url: str) -> httpx.Response:
        """What an address gives that was in an answer."""
        return await self.sandbox.http.get(url)


def soundstripe(sandbox: Sandbox) -> Asking:
    asking = Asking(sandbox, ProviderName.SOUNDSTRIPE)
    asking.headers = {"Authorization": f"Token {asking.credentials['apiKey']}"}
    return asking


def hooksounds(sandbox: Sandbox) -> Asking:
    asking = Asking(sandbox, ProviderName.HOOKSOUNDS)
    asking.params = dict(asking.credentials)
    return asking


def openverse(sandbox: Sandbox) -> Asking:
    return Asking(sandbox, ProviderName.OPENVERSE)


def internet_archive(sandbox: Sandbox) -> Asking:
    return Asking(sandbox, ProviderName.INTERNET_ARCHIVE)


def jamendo(sandbox: Sandbox) -> Asking:
    asking = Asking(sandbox, ProviderName.JAMENDO)
    asking.params = {"client_id": asking.credentials["clientId"], "format": "json"}
    return asking


async def artlist(sandbox: Sandbox) -> Asking:
    """With a token that was asked for."""
    asking = Asking(sandbox, ProviderName.ARTLIST)
    answer = await artlist_token(asking)
    assert answer.status_code == 200, answer.text
    asking.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return asking


async def artlist_token(asking: Asking, secret: str | None = None, grant: str = "client_credentials") -> httpx.Response:
    pair = f"{asking.credentials['clientId']}:{secret or asking.credentials['clientSecret']}"
    return await asking.sandbox.http.post(
        asking.credentials["tokenUrl"],
        data={"grant_type": grant},
        headers={"Authorization": f"Basic {b64encode(pair.encode()).decode()}"},
    )


async def openverse_with_token(sandbox: Sandbox) -> Asking:
    asking = openverse(sandbox)
    answer = await sandbox.http.post(
        f"{asking.base}/auth_tokens/token/",
        data={
            "grant_type": "client_credentials",
            "client_id": asking.credentials["clientId"],
            "client_secret": asking.credentials["clientSecret"],
        },
    )
    assert answer.status_code == 200, answer.text
    asking.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return asking
