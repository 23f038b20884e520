"""Ten thousand players who have begun, and the heartbeats that they send."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.clock import Clock
from app.container import Container
from app.models.episodes.watching import Origin
from app.services.identity.minting import mint_token
from benchmarks.paced import Due

TENANT = "bench"
EPISODES = 200
PERIOD_SECONDS = 15.0
_DURATION = 3_600
_AT_ONCE = 100
_HERE = Origin("", "127.0.0.0", "bench")


@dataclass(frozen=True, slots=True)
class Player:
    """One open view."""

    view_id: int
    playback_token: str
    login: str


async def add_episodes(house: Container) -> None:
    """Shows of ten episodes each, in a database that is ready for them."""
    rows = [
        {
            "_id": number,
            "tenant": TENANT,
            "show": 1 + number // 10,
            "season": 1 + number // 10,
            "title": f"Episode {number}",
            "video_id": "dQw4w9WgXcQ",
            "duration_seconds": _DURATION,
        }
        for number in range(1, EPISODES + 1)
    ]
    await house.migrations.up()
    await house.mongo.db["episodes"].insert_many(rows)


async def begin(house: Container, secret: str, players: int) -> list[Player]:
    """Let each player begin a view, through the services that its requests would go through."""
    begun: list[Player] = []
    for first in range(0, players, _AT_ONCE):
        numbers = range(first, min(players, first + _AT_ONCE))
        begun += await asyncio.gather(*(_begin(house, secret, number) for number in numbers))
    return begun


async def _begin(house: Container, secret: str, number: int) -> Player:
    user, episode = f"user-{number:07}", 1 + number % EPISODES
    playback = await house.episodes.playback.play(TENANT, user, episode)
    view_id = await house.episodes.watching.start(TENANT, user, episode, playback.token, _HERE, None)
    return Player(view_id, playback.token, _login(secret, user, house.clock))


def _login(secret: str, user: str, clock: Clock) -> str:
    return mint_token(secret, user_id=user, clock=clock, lifetime=timedelta(hours=6), tenants=[TENANT])


def beats(players: Sequence[Player], seconds: float) -> Iterator[Due]:
    """One second of content from each player every 15 s, all players evenly spread over them."""
    apart = PERIOD_SECONDS / len(players)
    for number in range(int(seconds / apart)):
        at = number * apart
        yield at, _request(players[number % len(players)], position=1 + int(at))


def _request(player: Player, position: int) -> bytes:
    body = json.dumps(
        {
            "view_id": player.view_id,
            "playback_token": player.playback_token,
            "seconds_watched": 1,
            "player_state": "playing",
            "position_seconds": position,
        }
    )
    head = (
        "POST /api/series/views/heartbeat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {player.login}\r\nX-Tenant-Id: {TENANT}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()
