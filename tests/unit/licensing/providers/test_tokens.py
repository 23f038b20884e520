"""One token for all who call, renewed in time, and once more when it is refused."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.models.licensing.providers import ProviderName, ProviderSetup
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Call, Reply
from app.services.licensing.providers.registry import POLICIES
from app.services.licensing.providers.tokens import Tokens
from tests.unit.licensing.providers.scripted import configured, reply

GRANT = Call("token", method="POST", url="https://tokens.example.com", is_counted=False)
CALL = Call("search", "/x")
SETUP = configured(ProviderName.ARTLIST)


class Issuer:
    """Gives out t1, t2, …; accepts those that are not `revoked`."""

    def __init__(self, life: object = 3600) -> None:
        self.life = life
        self.issued = 0
        self.bearers: list[str] = []
        self.revoked: set[str] = set()
        self.gate: Callable[[], Awaitable[object]] | None = None
        self.fails = False

    async def send(self, setup: ProviderSetup, call: Call, *, background: bool = False) -> Reply:
        if call.kind == "token":
            self.issued += 1
            if self.gate:
                await self.gate()
            if self.fails:
                raise ProviderFailed(setup.name, "no token")
            return reply({"access_token": f"t{self.issued}", "expires_in": self.life})
        bearer = (call.headers or {})["Authorization"]
        self.bearers.append(bearer)
        assert 401 in call.accepts
        return reply({}, 401 if bearer.removeprefix("Bearer ") in self.revoked else 200)


def _tokens(issuer: Issuer) -> tuple[Tokens, list[float]]:
    now = [0.0]
    return Tokens(issuer, POLICIES[ProviderName.ARTLIST], lambda: now[0]), now


async def test_a_token_serves_until_shortly_before_its_end() -> None:
    issuer = Issuer(3600)
    tokens, now = _tokens(issuer)
    for at in (0.0, 10.0, 3_539.0):
        now[0] = at
        assert (await tokens.send(SETUP, GRANT, CALL)).status == 200
    assert issuer.issued == 1
    now[0] = 3_540.0
    await tokens.send(SETUP, GRANT, CALL)
    assert issuer.bearers == ["Bearer t1"] * 3 + ["Bearer t2"]


@pytest.mark.parametrize(("life", "until"), [(100, 90.0), (None, 54.0), (-5, 54.0), ("3600", 3_540.0)])
async def test_lives_that_are_short_or_not_said(life: object, until: float) -> None:
    issuer = Issuer(life)
    tokens, now = _tokens(issuer)
    await tokens.send(SETUP, GRANT, CALL)
    now[0] = until - 0.1
    await tokens.send(SETUP, GRANT, CALL)
    assert issuer.issued == 1
    now[0] = until
    await tokens.send(SETUP, GRANT, CALL)
    assert issuer.issued == 2


async def test_all_who_wait_share_one_fetch_though_the_first_gives_up() -> None:
    issuer = Issuer()
    released = asyncio.Event()
    issuer.gate = released.wait
    tokens, _ = _tokens(issuer)
    calls = [asyncio.create_task(tokens.send(SETUP, GRANT, CALL)) for _ in range(20)]
    await asyncio.sleep(0)
    calls[0].cancel()
    await asyncio.sleep(0)
    released.set()
    replies = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(replies[0], asyncio.CancelledError)
    assert [one.status for one in replies[1:] if isinstance(one, Reply)] == [200] * 19
    assert issuer.issued == 1


async def test_a_failed_fetch_fails_all_who_wait_and_is_tried_again_by_the_next() -> None:
    issuer = Issuer()
    issuer.fails = True
    tokens, _ = _tokens(issuer)
    failures = await asyncio.gather(*(tokens.send(SETUP, GRANT, CALL) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(one, ProviderFailed) for one in failures)
    assert issuer.issued == 1
    issuer.fails = False
    assert (await tokens.send(SETUP, GRANT, CALL)).status == 200


async def test_a_refused_token_is_renewed_once() -> None:
    issuer = Issuer()
    tokens, _ = _tokens(issuer)
    await tokens.send(SETUP, GRANT, CALL)
    issuer.revoked = {"t1"}
    assert (await tokens.send(SETUP, GRANT, CALL)).status == 200
    issuer.revoked = {"t2", "t3"}
    assert (await tokens.send(SETUP, GRANT, CALL)).status == 401
    assert issuer.issued == 3
    assert (await tokens.send(SETUP, GRANT, CALL, is_refused=lambda _: False)).status == 401
    assert issuer.issued == 3


async def test_another_credential_has_another_token() -> None:
    issuer = Issuer()
    tokens, _ = _tokens(issuer)
    await tokens.send(SETUP, GRANT, CALL)
    other = Call("token", method="POST", url="https://tokens.example.com", form={"client_id": "b"}, is_counted=False)
    await tokens.send(SETUP, other, CALL)
    assert issuer.bearers == ["Bearer t1", "Bearer t2"]


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX: y", "é", None])
async def test_a_token_that_no_header_can_carry_is_a_failure(token: object) -> None:
    class Broken(Issuer):
        async def send(self, setup: ProviderSetup, call: Call, *, background: bool = False) -> Reply:
            assert call.kind == "token"
            return reply({"access_token": token, "expires_in": 60})

    tokens, _ = _tokens(Broken())
    with pytest.raises(ProviderFailed):
        await tokens.send(SETUP, GRANT, CALL)
