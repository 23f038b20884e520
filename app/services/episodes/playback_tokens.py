"""Tokens that let one user report on one view of one episode, and that are good for nothing else."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from app.clock import Clock
from app.models.episodes.watching import EpisodePlace, PlaybackClaim
from app.services.episodes.watch_ports import PlaybackKeys
from app.services.identity.keys import VerificationKey, secret_key
from app.services.identity.signatures import sign, signed_payload
from app.services.identity.token_header import read_header, read_object
from app.services.remembered import Remembered

LIFETIME = timedelta(hours=1)
_AUDIENCE = "playledger:playback"
_KEY_BYTES = 32
_LONGEST_KEY = 64
# A token comes with every beat of a view, and checking its signature is a tenth of what a beat costs.
_REMEMBERED = 16_384


class PlaybackTokens:
    """Makes and reads playback tokens.

    They are signed with a key of their own that is made at random and kept in the database: whatever the settings of
    the login are, none of its tokens is one of these, nor the other way round.
    """

    def __init__(self, keys: PlaybackKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._known_key: VerificationKey | None = None
        self._read = Remembered[PlaybackClaim](_REMEMBERED)

    async def issue(self, place: EpisodePlace, user_id: str) -> tuple[str, datetime]:
        """A token for one view of the episode by the user, and when it ends.

        Raises:
            Unavailable: the database is away.
        """
        now = self._clock.now().replace(microsecond=0)
        expires_at = now + LIFETIME
        claims: dict[str, object] = {
            "aud": _AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jti": secrets.token_hex(16),
            "tenant": place.tenant,
            "sub": user_id,
            "episode": place.episode,
        }
        key = await self._key()
        return sign(claims, key.key, key.algorithm, typ="playback"), expires_at

    async def read(self, token: str) -> PlaybackClaim | None:
        """What a token of ours says, also when it has ended; None for any other.

        Raises:
            Unavailable: the database is away.
        """
        claim = self._read.get(token)
        if claim is None and (claim := await self._checked(token)) is not None:
            self._read.keep(token, claim)
        return claim

    async def _checked(self, token: str) -> PlaybackClaim | None:
        header, key = read_header(token), await self._key()
        if header is None or header.algorithm != key.algorithm:
            return None
        payload = signed_payload(token, key.key, key.algorithm)
        claims = None if payload is None else read_object(payload)
        return None if claims is None else _to_claim(claims)

    async def _key(self) -> VerificationKey:
        if self._known_key is None:
            key = await self._keys.keep(secrets.token_bytes(_KEY_BYTES), self._clock.now())
            self._known_key = secret_key(key)
        return self._known_key


def _to_claim(claims: Mapping[str, object]) -> PlaybackClaim | None:
    key, tenant, user, episode, ends = (claims.get(name) for name in ("jti", "tenant", "sub", "episode", "exp"))
    if claims.get("aud") != _AUDIENCE or not isinstance(key, str) or len(key) > _LONGEST_KEY:
        return None
    if not (isinstance(tenant, str) and isinstance(user, str) and isinstance(episode, int) and isinstance(ends, int)):
        return None
    return PlaybackClaim(key, tenant, user, episode, datetime.fromtimestamp(ends, UTC))
