"""Tenants with a show, a season, an episode and views each, and what every route is asked about them."""

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi.routing import APIRoute

from app.models.identity import Role
from app.repositories.mongo import Mongo
from app.routers import ROUTERS
from tests.api.episodes.conftest import SERIES, Row, add
from tests.serving import member

Headers = dict[str, str]

# By these a body or a query may speak of somebody's rows.
IDS_IN_BODIES = ("show_id", "season_id", "episode_id", "view_id", "playback_token")
IDS_IN_QUERIES = {"show": "show_id", "season": "season_id"}
_ID_IN_PATH = {"shows": "show_id", "seasons": "season_id", "episodes": "episode_id"}

ADMINS = {"north": "boss", "south": "rex", "west": "pip"}

_EPISODE = {"title": "Mine", "video_id": "aqz-KE-bpKQ", "duration_seconds": 60}
_BEAT = {"seconds_watched": 3, "player_state": "playing", "position_seconds": 3}

BODIES: dict[tuple[str, str], Row] = {
    ("POST", "shows"): {"title": "Mine"},
    ("PATCH", "shows/{id}"): {"title": "Mine", "cover_image": None},
    ("POST", "seasons"): {"show_id": None, "season_number": 9},
    ("PATCH", "seasons/{id}"): {"title": "Mine", "season_number": 8},
    ("POST", "episodes"): {"season_id": None, **_EPISODE},
    ("PATCH", "episodes/{id}"): _EPISODE,
    ("POST", "views/start"): {"episode_id": None, "playback_token": None, "started_at": "2026-11-28T19:00:00Z"},
    ("POST", "views/heartbeat"): {"view_id": None, "playback_token": None, **_BEAT},
    ("POST", "views/complete"): {"view_id": None, "playback_token": None, "total_seconds": 3, "completed": True},
}
"""A good body for each route that takes one; null stands for an id of somebody."""


@dataclass(frozen=True)
class Asked:
    """A route as the app has it."""

    method: str
    path: str

    @property
    def name(self) -> str:
        return self.path.removeprefix(f"{SERIES}/").rstrip("/")

    @property
    def is_of_views(self) -> bool:
        return self.name.startswith("views/")

    @property
    def is_for_admins(self) -> bool:
        return self.method in {"PATCH", "DELETE"} or (self.method == "POST" and not self.is_of_views)

    @property
    def is_a_list(self) -> bool:
        return self.method == "GET" and "{" not in self.path

    @property
    def ids(self) -> list[str]:
        """What of somebody's it is asked with: `path`, fields of the body, parameters."""
        if self.is_a_list:
            return list(IDS_IN_QUERIES)
        in_body = [name for name in IDS_IN_BODIES if name in self.body]
        return ["path", *in_body] if "{" in self.path else in_body

    @property
    def body(self) -> Row:
        return BODIES[self.method, self.name] if self.method in {"POST", "PATCH", "PUT"} else {}


def routes() -> list[Asked]:
    """Every route of the wing, in both forms of its address."""
    found = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return [
        Asked(method, route.path)
        for route in found
        if route.path.startswith(f"{SERIES}/")
        for method in sorted(route.methods)
    ]


@dataclass
class Person:
    """Somebody with a view of an episode, who may also be an admin."""

    user: str
    tenant: str
    role: tuple[Role, ...] = ()
    owns: dict[str, Any] = field(default_factory=dict)

    def headers(self, tenant: str | None = None) -> Headers:
        return member(self.user, self.tenant, *self.role) | {"X-Tenant-Id": tenant or self.tenant}


def people() -> dict[str, Person]:
    return {
        "ann": Person("ann", "north"),
        "boss": Person("boss", "north", (Role.ADMIN,)),
        "ben": Person("ben", "north"),
        "eve": Person("eve", "south"),
        "rex": Person("rex", "south", (Role.ADMIN,)),
        "pip": Person("pip", "west", (Role.ADMIN,)),
    }


async def settle(api: httpx.AsyncClient, mongo: Mongo) -> dict[str, Person]:
    """The tenants with their people; ids are such that they are recognised in an answer."""
    for number, kind in enumerate(("shows", "seasons", "episodes"), 1):
        await mongo.db["episode_sequences"].insert_one({"_id": kind, "next": 7_000_000 + number * 1_000})
    everybody = people()
    rows = {name: await _catalogue(api, everybody[admin]) for name, admin in ADMINS.items()}
    for person in everybody.values():
        person.owns = rows[person.tenant] | await _view(api, person, rows[person.tenant]["episode_id"])
    return everybody


async def _catalogue(api: httpx.AsyncClient, admin: Person) -> Row:
    headers, title = admin.headers(), f"Of {admin.tenant} alone"
    show = await add(api, "shows", {"title": title}, headers)
    season = await add(api, "seasons", {"show_id": show["id"], "season_number": 1, "title": title}, headers)
    draft = {"season_id": season["id"], "title": title, "video_id": "eRsGyueVLvQ", "duration_seconds": 888}
    episode = await add(api, "episodes", draft, headers)
    return {"show_id": show["id"], "season_id": season["id"], "episode_id": episode["id"]}


async def _view(api: httpx.AsyncClient, person: Person, episode: int) -> Row:
    played = await api.get(f"{SERIES}/episodes/{episode}/play/", headers=person.headers())
    token = played.json()["playback_token"]
    body = BODIES["POST", "views/start"] | {"episode_id": episode, "playback_token": token}
    started = await api.post(f"{SERIES}/views/start", json=body, headers=person.headers())
    assert started.status_code == 201, started.text
    return {"view_id": started.json()["view_id"], "playback_token": token}


async def ask(
    api: httpx.AsyncClient, asked: Asked, headers: Headers, *, victim: Row, own: Row, of_victim: set[str]
) -> httpx.Response:
    """The route with the victim's ids where it is said, and with one's own elsewhere."""

    def pick(where: str, name: str) -> Any:
        return (victim if where in of_victim else own)[name]

    in_path = _ID_IN_PATH.get(asked.name.split("/")[0], "")
    path = asked.path.replace("{id}", str(pick("path", in_path))) if "{id}" in asked.path else asked.path
    body = asked.body | {name: pick(name, name) for name in IDS_IN_BODIES if name in asked.body}
    query = {
        name: pick(name, IDS_IN_QUERIES[name]) for name in asked.ids if name in of_victim and name in IDS_IN_QUERIES
    }
    return await api.request(asked.method, path, headers=headers, json=body or None, params=query)


def mixtures(ids: list[str]) -> list[set[str]]:
    """Every choice of fields that hold what is the victim's: all first, down to one."""
    return [set(chosen) for size in range(len(ids), 0, -1) for chosen in itertools.combinations(ids, size)]


async def whole(mongo: Mongo) -> dict[str, list[Row]]:
    """All there is, except which ids were handed out: one that is refused later is not given again."""
    names = sorted(set(await mongo.db.list_collection_names()) - {"episode_sequences"})
    rows = await asyncio.gather(*(mongo.db[name].find({}).sort("_id", 1).to_list(None) for name in names))
    return dict(zip(names, rows, strict=True))
