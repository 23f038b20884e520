"""Makes the artists and tracks of a world through the front door, and the tokens of those who take part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from app.clock import Clock
from app.models.identity import Role
from app.services.identity.minting import mint_token
from benchmarks.stage import StageFailed
from benchmarks.truth.world import World, artist_id, track_id, track_seconds, track_title, user_of

_LIFETIME = timedelta(days=400)
_CREATED = 201


@dataclass(frozen=True, slots=True)
class Accounts:
    """Headers of an admin and of artists, and the tokens of senders by user."""

    admin: Mapping[str, str]
    artists: Mapping[int, Mapping[str, str]]
    tokens: Mapping[str, str]


def accounts_of(world: World, secret: str, clock: Clock) -> Accounts:
    """Of everybody who needs one; they are valid to the end of the run."""

    def token(user: str, *roles: Role) -> str:
        return mint_token(secret, user_id=user, clock=clock, lifetime=_LIFETIME, roles=roles)

    senders = {sender.user: token(sender.user) for sender in world.senders if sender.user is not None}
    artists = {artist: bearer(token(user_of(artist))) for artist in world.some_artists}
    return Accounts(bearer(token("admin", Role.ADMIN)), artists, senders)


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


async def create(world: World, http: aiohttp.ClientSession, admin: Mapping[str, str]) -> None:
    """Add all artists and tracks.

    Raises:
        StageFailed: one was refused.
    """
    for artist in range(world.artists):
        body = {
            "id": artist_id(artist),
            "name": f"Artist {artist}",
            "userId": user_of(artist),
            "excludeOwnPlays": world.excludes_own_plays(artist),
        }
        await _post(http, "/api/admin/artists", body, admin)
    for track in range(world.tracks):
        body = {
            "id": track_id(track),
            "title": track_title(track),
            "artistId": artist_id(world.artist_of(track)),
            "duration": track_seconds(track),
        }
        await _post(http, "/api/admin/tracks", body, admin)


async def _post(http: aiohttp.ClientSession, path: str, body: dict[str, object], admin: Mapping[str, str]) -> None:
    async with http.post(path, json=body, headers=dict(admin)) as answer:
        if answer.status != _CREATED:
            raise StageFailed(f"POST {path}: {answer.status} {(await answer.text())[:300]}")
