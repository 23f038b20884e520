"""Every route of the wing, asked by everybody who may not: the answers are the contract's, and nothing changes."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.repositories.mongo import Mongo
from tests.api.episodes.two_tenants import Asked, Person, ask, mixtures, routes, settle, whole
from tests.conftest import empty

ROUTES = routes()
CODES = {400: "VALIDATION_ERROR", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND"}


def by_name(asked: Asked) -> str:
    return f"{asked.method} {asked.path}"


@pytest.fixture(scope="module")
async def everybody(address: str, migrated: Mongo) -> dict[str, Person]:
    """Once for all: nobody here may change anything of it, and west, where all is allowed, is asked by nobody else."""
    await empty(migrated)
    async with httpx.AsyncClient(base_url=address, timeout=20) as client:
        return await settle(client, migrated)


@pytest.fixture
async def client(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, timeout=20) as client:
        yield client


def require(answer: httpx.Response, status: int, who: str) -> None:
    assert answer.status_code == status, (who, answer.request.url, answer.text)
    assert answer.json()["code"] == CODES[status]


def test_all_routes_are_here() -> None:
    """Whatever is served in one form is served in the other, and a wing without routes would pass all of this."""
    forms = {(asked.method, asked.path) for asked in ROUTES}
    assert {(method, path.rstrip("/") if path.endswith("/") else f"{path}/") for method, path in forms} == forms
    assert len(forms) >= 2 * 19


@pytest.mark.parametrize("asked", ROUTES, ids=by_name)
async def test_who_is_refused(
    client: httpx.AsyncClient, migrated: Mongo, everybody: dict[str, Person], asked: Asked
) -> None:
    before = await whole(migrated)
    await _who_is_refused_before_anything_is_looked_at(client, everybody, asked)
    await _another_tenants_people(client, everybody, asked)
    await _other_people_of_the_tenant(client, everybody, asked)
    assert await whole(migrated) == before


async def test_whose_it_is_may(client: httpx.AsyncClient, everybody: dict[str, Person]) -> None:
    """The same is good when it is one's own, so it was refused for nothing else; what is removed comes last."""
    who = everybody["pip"]
    for asked in sorted((one for one in ROUTES if not one.path.endswith("/")), key=by_end):
        answer = await ask(client, asked, who.headers(), victim=who.owns, own=who.owns, of_victim=set(asked.ids))
        assert answer.is_success, (by_name(asked), answer.text)


def by_end(asked: Asked) -> tuple[bool, str]:
    """Removals behind everything else, and what is below a show before the show."""
    return asked.method == "DELETE", asked.name


async def _who_is_refused_before_anything_is_looked_at(
    client: httpx.AsyncClient, everybody: dict[str, Person], asked: Asked
) -> None:
    victim, good = everybody["ann"].owns, everybody["boss"].headers()
    refused = [
        (401, "no token", {"X-Tenant-Id": "north"}),
        (401, "no token of ours", good | {"Authorization": f"Bearer {victim['playback_token']}"}),
        (400, "no tenant", {"Authorization": good["Authorization"]}),
        (400, "an unfit tenant", good | {"X-Tenant-Id": ""}),
        (403, "another tenant's member naming this tenant", everybody["eve"].headers("north")),
        (403, "another tenant's admin naming this tenant", everybody["rex"].headers("north")),
    ]
    for status, who, headers in refused:
        answer = await ask(client, asked, headers, victim=victim, own=victim, of_victim=set(asked.ids))
        require(answer, status, who)
        if status == 400:
            assert [fault["field"] for fault in answer.json()["errors"]] == ["X-Tenant-Id"]


async def _another_tenants_people(client: httpx.AsyncClient, everybody: dict[str, Person], asked: Asked) -> None:
    """What they may, such as adding a show, speaks of nobody and is left out."""
    victim = everybody["ann"].owns
    for who in (everybody["eve"], everybody["rex"]):
        for of_victim in mixtures(asked.ids) or [set()]:
            if who.role and not asked.ids:
                continue
            answer = await ask(client, asked, who.headers(), victim=victim, own=who.owns, of_victim=of_victim)
            if asked.is_for_admins and not who.role:
                require(answer, 403, who.user)
            elif not asked.is_a_list:
                require(answer, _of_anothers(asked, of_victim), who.user)
            else:
                assert answer.is_success, (who.user, answer.text)
                assert "north" not in answer.text
                assert not [number for number in ids_of(victim) if number in answer.text], answer.text


async def _other_people_of_the_tenant(client: httpx.AsyncClient, everybody: dict[str, Person], asked: Asked) -> None:
    """Members read everything but views; not even an admin of the tenant reports for somebody else."""
    victim, others = everybody["ann"].owns, [everybody["ben"], everybody["boss"]]
    if not asked.is_of_views:
        answer = await ask(client, asked, others[0].headers(), victim=victim, own=victim, of_victim=set(asked.ids))
        assert answer.status_code == (403 if asked.is_for_admins else 200), answer.text
        return
    for who in others:
        for of_victim in mixtures([name for name in asked.ids if name != "episode_id"]):
            answer = await ask(client, asked, who.headers(), victim=victim, own=who.owns, of_victim=of_victim)
            require(answer, _of_anothers(asked, of_victim), who.user)


def _of_anothers(asked: Asked, of_victim: set[str]) -> int:
    """404; but a token of another is a wrong field of a start, since the episode is there."""
    return 400 if asked.name == "views/start" and of_victim == {"playback_token"} else 404


def ids_of(person: dict[str, object]) -> list[str]:
    return [str(person[name]) for name in ("show_id", "season_id", "episode_id", "playback_token")]
