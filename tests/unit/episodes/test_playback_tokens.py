"""A playback token is good for one view of one episode, and never for a login, nor a login for it."""

import base64
import json
from datetime import datetime, timedelta

import pytest

from app.errors import Unauthorized
from app.models.episodes.watching import EpisodePlace
from app.services.episodes.playback_tokens import PlaybackTokens
from app.services.identity.keys import SecretKeys, secret_key
from app.services.identity.minting import mint_token
from app.services.identity.signatures import sign
from app.services.identity.verifier import JoseTokenVerifier
from tests.unit.episodes.watching_made import START

PLACE = EpisodePlace("acme", 1, 2, 3, "video", 600)
LOGIN_SECRET = "a secret for logins of 32 bytes!!"
KEY = bytes(range(100, 132))


class StandingClock:
    def now(self) -> datetime:
        return START


class KeptKey:
    """Keeps the first key, as the database does."""

    def __init__(self, key: bytes | None = None) -> None:
        self.key = key
        self.asked = 0

    async def keep(self, candidate: bytes, at: datetime) -> bytes:
        self.asked += 1
        self.key = self.key or candidate
        return self.key


def claims(**changes: object) -> dict[str, object]:
    good = {"aud": "playledger:playback", "iat": 1, "exp": 2, "jti": "j", "tenant": "acme", "sub": "ada", "episode": 3}
    return good | changes


def signed(**changes: object) -> str:
    return sign(claims(**changes), secret_key(KEY).key, "HS256")


async def test_a_token_says_who_may_report_on_what_for_an_hour() -> None:
    tokens = PlaybackTokens(KeptKey(), StandingClock())
    token, expires_at = await tokens.issue(PLACE, "ada")
    claim = await tokens.read(token)
    assert claim is not None
    assert (claim.tenant, claim.user_id, claim.episode) == ("acme", "ada", 3)
    assert claim.expires_at == expires_at == START + timedelta(hours=1)
    header = token.split(".")[0]
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {"alg": "HS256", "typ": "playback"}


async def test_no_two_tokens_are_for_the_same_view() -> None:
    tokens = PlaybackTokens(KeptKey(), StandingClock())
    read = [await tokens.read((await tokens.issue(PLACE, "ada"))[0]) for _ in range(20)]
    assert len({claim.key for claim in read if claim}) == 20


async def test_processes_read_each_others_tokens_and_ask_for_the_key_once() -> None:
    key = KeptKey()
    one, other = PlaybackTokens(key, StandingClock()), PlaybackTokens(key, StandingClock())
    for _ in range(3):
        assert await other.read((await one.issue(PLACE, "ada"))[0]) is not None
    assert key.asked == 2


async def test_neither_kind_of_token_is_taken_for_the_other() -> None:
    clock = StandingClock()
    for key in (KeptKey(), KeptKey(KEY)):
        tokens = PlaybackTokens(key, clock)
        login = mint_token(LOGIN_SECRET, user_id="ada", clock=clock, lifetime=timedelta(hours=1), tenants=["acme"])
        assert await tokens.read(login) is None
        verifier = JoseTokenVerifier(SecretKeys(LOGIN_SECRET.encode()), clock)
        with pytest.raises(Unauthorized):
            await verifier.verify((await tokens.issue(PLACE, "ada"))[0])


async def test_what_was_tampered_with_is_refused_after_the_good_one_was_read_too() -> None:
    tokens = PlaybackTokens(KeptKey(), StandingClock())
    token, _ = await tokens.issue(PLACE, "ada")
    assert await tokens.read(token) is not None
    header, payload, signature = token.split(".")
    bare = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    other = base64.urlsafe_b64encode(json.dumps(claims()).encode()).decode().rstrip("=")
    wrong = [
        "",
        "abc",
        f"{header}.{payload}",
        f"{header}.{payload}.",
        f"{header}.{other}.{signature}",
        f"{bare}.{payload}.{signature}",
        f"{bare}.{payload}.",
        token[:-3] + ("AAA" if token[-3:] != "AAA" else "BBB"),
        token + "\n",
        "x" * 5_000,
    ]
    assert [await tokens.read(one) for one in wrong] == [None] * len(wrong)


WRONG = ({"aud": "other"}, {"jti": 5}, {"jti": "j" * 65}, {"tenant": None}, {"sub": 7}, {"episode": "3"}, {"exp": "2"})


@pytest.mark.parametrize("changes", WRONG)
async def test_what_is_signed_and_says_something_else_is_refused(changes: dict[str, object]) -> None:
    tokens = PlaybackTokens(KeptKey(KEY), StandingClock())
    assert await tokens.read(signed()) is not None
    assert await tokens.read(signed(**changes)) is None
