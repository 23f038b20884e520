"""Development tokens, and the secret that they are signed with."""

import multiprocessing
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from app.errors import Unauthorized
from app.models.identity import Role
from app.services.identity.development_secret import development_secret
from app.services.identity.keys import SecretKeys
from app.services.identity.minting import mint_token
from app.services.identity.verifier import JoseTokenVerifier
from tests.unit.identity.forging import NOW, SECRET, MovableClock, secret_verifier

HOUR = timedelta(hours=1)


def mint(**changes: object) -> str:
    wanted = {"user_id": "listener-1", "clock": MovableClock(), "lifetime": HOUR, **changes}
    return mint_token(SECRET.decode(), **wanted)  # type: ignore[arg-type]


async def test_a_minted_token_is_believed_and_says_what_it_was_told() -> None:
    token = mint(roles=[Role.ADMIN, Role.ARTIST], tenants=("t1",), issuer="https://me.example", audience="playledger")
    verifier = secret_verifier(issuer="https://me.example", audience="playledger")
    identity = await verifier.verify(token)
    assert identity.user_id == "listener-1"
    assert identity.roles == {Role.ADMIN, Role.ARTIST}
    assert identity.tenants == {"t1"}
    assert identity.expires_at == NOW + HOUR


async def test_a_minted_token_ends() -> None:
    clock = MovableClock()
    token = mint(clock=clock)
    clock.advance(hours=1)
    with pytest.raises(Unauthorized):
        await secret_verifier(clock).verify(token)


async def test_a_token_of_another_algorithm() -> None:
    keys = SecretKeys(SECRET, ("HS512",))
    assert await JoseTokenVerifier(keys, MovableClock()).verify(mint(algorithm="HS512"))


@pytest.mark.parametrize(
    "changes",
    [{"user_id": ""}, {"user_id": "a\n"}, {"tenants": [""]}, {"lifetime": timedelta(0)}, {"algorithm": "RS256"}],
)
def test_what_no_verifier_takes_is_not_minted(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"Ids have|must live|does not work"):
        mint(**changes)


def test_a_short_secret_mints_nothing() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        mint_token("short", user_id="u", clock=MovableClock(), lifetime=HOUR)


def test_the_secret_is_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    secret = development_secret(folder)
    assert len(secret) == 64
    assert development_secret(folder) == secret
    assert development_secret(tmp_path / "other") != secret
    assert [path.name for path in folder.iterdir()] == ["jwt-secret"]


def test_the_secret_is_for_its_owner_only_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        development_secret(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "jwt-secret").stat().st_mode) == 0o600


async def test_the_secret_fits_the_verifier(tmp_path: Path) -> None:
    secret = development_secret(tmp_path)
    token = mint_token(secret, user_id="u", clock=MovableClock(), lifetime=HOUR)
    assert await JoseTokenVerifier(SecretKeys(secret.encode()), MovableClock()).verify(token)


@pytest.mark.parametrize("content", ["", "short", " " * 64])
def test_a_damaged_secret_is_reported_not_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / "jwt-secret").write_text(content)
    with pytest.raises(ValueError, match="remove it"):
        development_secret(tmp_path)
    assert (tmp_path / "jwt-secret").read_text() == content


def test_processes_that_start_at_once_get_the_same_secret(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        secrets = pool.map(development_secret, [tmp_path / str(n // 4) for n in range(200)], chunksize=1)
        pool.close()
        pool.join()
    assert [len(set(secrets[start : start + 4])) for start in range(0, 200, 4)] == [1] * 50
