"""An `Outbound` that answers from recorded examples, and remembers what it was asked."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.models.licensing.providers import ProviderName, ProviderSetup
from app.services.licensing.ports import Call, Reply
from app.services.licensing.providers.registry import POLICIES

_EXAMPLES = Path(__file__).parent / "examples"
SECRET = "s3cret-"


def example(name: str) -> Any:
    return json.loads((_EXAMPLES / f"{name}.json").read_text())


def reply(body: object, status: int = 200) -> Reply:
    return Reply(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


def configured(name: ProviderName, **credentials: str) -> ProviderSetup:
    """Set up with every credential that it requires, each recognisable."""
    policy = POLICIES[name]
    given = {one: f"{SECRET}{one}" for one in policy.required_credentials}
    return ProviderSetup(policy, True, policy.base_url, given | credentials)


@dataclass
class Sent:
    call: Call
    background: bool

    @property
    def params(self) -> dict[str, str]:
        return dict(self.call.params)


@dataclass
class Scripted:
    """`answer` gives the reply to a call, or raises."""

    answer: Callable[[Call], Reply]
    sent: list[Sent] = field(default_factory=list)

    async def send(self, setup: ProviderSetup, call: Call, *, background: bool = False) -> Reply:
        self.sent.append(Sent(call, background))
        return self.answer(call)

    @property
    def counted(self) -> list[Sent]:
        return [one for one in self.sent if one.call.is_counted]


def recorded(name: ProviderName, call: Call) -> Any:
    """The example that answers a call, as data."""
    if call.kind == "token":
        return example(f"{name.value}_token")
    if call.kind == "download" and name is ProviderName.ARTLIST:
        return example("artlist_download")
    return _RECORDED[name](call.path)


def _soundstripe(path: str) -> Any:
    page = example("soundstripe_songs")
    return page if path == "/songs" else page | {"data": page["data"][0]}


def _artlist(path: str) -> Any:
    page = example("artlist_songs")
    return page if path.endswith("/song") else {"song": page["songs"][0]}


def _openverse(path: str) -> Any:
    page = example("openverse_audio")
    return page if path.endswith(("/audio/", "/related/")) else page["results"][0]


_RECORDED: dict[ProviderName, Callable[[str], Any]] = {
    ProviderName.SOUNDSTRIPE: _soundstripe,
    ProviderName.ARTLIST: _artlist,
    ProviderName.HOOKSOUNDS: lambda _: example("hooksounds_products"),
    ProviderName.OPENVERSE: _openverse,
    ProviderName.INTERNET_ARCHIVE: lambda path: example(
        "internet_archive_item" if "/metadata/" in path else "internet_archive_search"
    ),
    ProviderName.JAMENDO: lambda _: example("jamendo_tracks"),
}

TRACK_IDS = {
    ProviderName.SOUNDSTRIPE: "7001",
    ProviderName.ARTLIST: "52233",
    ProviderName.HOOKSOUNDS: "435",
    ProviderName.OPENVERSE: "8624ba61-57f1-4f98-8a85-ece206c319cf",
    ProviderName.INTERNET_ARCHIVE: "field-notes-001/01 sun.flac",
    ProviderName.JAMENDO: "1848357",
}
