"""Which tokens are believed, and what they say."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Unauthorized, Unavailable
from app.models.identity import Role
from app.services.identity.keys import SecretKeys, VerificationKey, secret_key
from app.services.identity.verifier import JoseTokenVerifier, TokenVerifier
from tests.unit.identity.forging import (
    IN_AN_HOUR,
    NOW,
    SECRET,
    MovableClock,
    b64,
    b64_json,
    claims,
    hs_token,
    identity_of,
    secret_verifier,
    sign_parts,
)

NOW_S = NOW.timestamp()


async def refused(token: str, verifier: TokenVerifier | None = None) -> None:
    with pytest.raises(Unauthorized, match=r"^Authentication required$"):
        await (verifier or secret_verifier()).verify(token)


async def test_a_good_token() -> None:
    identity = await identity_of({"roles": ["artist", "admin"], "tenants": ["t1", "t2"], "iat": NOW_S, "nbf": NOW_S})
    assert identity.user_id == "user-1"
    assert identity.roles == {Role.ARTIST, Role.ADMIN}
    assert identity.tenants == {"t1", "t2"}
    assert identity.expires_at == datetime.fromtimestamp(IN_AN_HOUR, UTC)


async def test_another_secret() -> None:
    await refused(hs_token(claims(), b"another secret, as long as it has to be"))


@pytest.mark.parametrize("part", [0, 1, 2])
async def test_a_changed_part(part: int) -> None:
    parts = hs_token(claims()).split(".")
    parts[part] = ("f" if parts[part][0] != "f" else "e") + parts[part][1:]
    await refused(".".join(parts))


async def test_an_expired_token_is_refused_from_its_very_exp_on() -> None:
    clock = MovableClock()
    verifier, token = secret_verifier(clock), hs_token(claims(exp=IN_AN_HOUR))
    clock.advance(seconds=3600, milliseconds=-1)
    assert await verifier.verify(token)
    clock.advance(milliseconds=1)
    await refused(token, verifier)
    clock.advance(days=400)
    await refused(token, verifier)


@pytest.mark.parametrize("name", ["nbf", "iat"])
async def test_a_token_from_the_future_is_refused_until_ten_seconds_before(name: str) -> None:
    clock = MovableClock()
    verifier, token = secret_verifier(clock), hs_token(claims(**{name: NOW_S + 60}))
    clock.advance(seconds=50, milliseconds=-1)
    await refused(token, verifier)
    clock.advance(milliseconds=1)
    assert await verifier.verify(token)


BAD_TIMES = ["1900000000", True, False, None, [], {}, [IN_AN_HOUR], -1, -1e9, 1e300, 10**30, 253402300800]
NOT_FINITE = ["NaN", "Infinity", "-Infinity", "1e999", "9" * 400]


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", BAD_TIMES)
async def test_a_time_that_is_no_time(name: str, value: object) -> None:
    await refused(hs_token(claims(**{name: value})))


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("text", NOT_FINITE)
async def test_a_time_that_json_should_not_hold(name: str, text: str) -> None:
    payload = json.dumps(claims(**{name: "HERE"})).replace('"HERE"', text)
    await refused(hs_token(payload.encode()))


@pytest.mark.parametrize(
    ("given_claims", "user_id"),
    [
        ({"sub": "a", "id": "b", "userId": "c"}, "a"),
        ({"sub": ..., "id": "b", "userId": "c"}, "b"),
        ({"sub": ..., "userId": "c"}, "c"),
        ({"sub": 0}, "0"),
        ({"sub": ..., "id": 2**70}, str(2**70)),
        ({"sub": "x" * 256}, "x" * 256),
        ({"sub": "Zoë 🎵"}, "Zoë 🎵"),
    ],
)
async def test_the_user_id(given_claims: dict[str, object], user_id: str) -> None:
    assert (await identity_of(given_claims)).user_id == user_id


UNFIT_IDS = ["", "x" * 257, "a\nb", "a\x00", "\x7f", "\x85", "\u2028", "\ud800", 1.0, True, False, None, [], ["a"], {}]


@pytest.mark.parametrize("user_id", UNFIT_IDS)
async def test_an_unfit_user_id_even_with_a_fit_one_behind_it(user_id: object) -> None:
    await refused(hs_token(claims(sub=user_id, id="b")))
    await refused(hs_token(claims(sub=..., id=user_id, userId="c")))


async def test_a_token_of_nobody() -> None:
    await refused(hs_token(claims(sub=...)))


async def test_an_endless_number_as_user_id() -> None:
    await refused(hs_token(b'{"exp": %d, "sub": %s}' % (IN_AN_HOUR, b"9" * 2000)))


@pytest.mark.parametrize("value", ["admin", {"admin": True}, 1, True, None, [["admin"]], [{"a": 1}], ["ADMIN"], [None]])
async def test_roles_and_tenants_that_are_none(value: object) -> None:
    identity = await identity_of({"roles": value})
    assert identity.roles == frozenset()
    assert not identity.is_admin


@pytest.mark.parametrize("value", ["t1", {"t1": 1}, 1, None, [1, None, ["t1"]], ["", "x" * 257, "a\nb", "\ud800"]])
async def test_tenants_that_are_none(value: object) -> None:
    assert (await identity_of({"tenants": value})).tenants == frozenset()


async def test_fit_roles_and_tenants_among_unfit_ones() -> None:
    identity = await identity_of({"roles": ["root", 7, "admin"], "tenants": [None, "t1", ["t2"]]})
    assert identity.roles == {Role.ADMIN}
    assert identity.tenants == {"t1"}


@pytest.mark.parametrize("audience", ["playledger", ["other", "playledger"], [1, "playledger"]])
async def test_the_audience(audience: object) -> None:
    assert await secret_verifier(audience="playledger").verify(hs_token(claims(aud=audience)))


@pytest.mark.parametrize("audience", ["other", "playledger2", "", [], ["other"], [["playledger"]], None, {}, 1])
async def test_another_audience(audience: object) -> None:
    await refused(hs_token(claims(aud=audience)), secret_verifier(audience="playledger"))


async def test_the_issuer() -> None:
    verifier = secret_verifier(issuer="https://issuer.example")
    assert await verifier.verify(hs_token(claims(iss="https://issuer.example")))
    for other in ("https://issuer.example/", "", None, ["https://issuer.example"]):
        await refused(hs_token(claims(iss=other)), verifier)


async def test_what_is_not_asked_for_is_not_looked_at() -> None:
    assert await identity_of({"iss": "anybody", "aud": "anything", "jti": 7, "at_hash": "x"})


async def test_the_length_of_a_token() -> None:
    padding = 4096 - len(hs_token(claims(padding="")))
    tokens = [hs_token(claims(padding="x" * length)) for length in range(padding * 3 // 4 - 4, padding * 3 // 4 + 4)]
    longest = max((token for token in tokens if len(token) <= 4096), key=len)
    assert len(longest) > 4093
    assert await secret_verifier().verify(longest)
    await refused(min((token for token in tokens if len(token) > 4096), key=len))


@pytest.mark.parametrize("kid", [None, 7, ["k"], {"k": 1}, True, "k" * 257])
async def test_a_kid_that_is_no_short_text(kid: object) -> None:
    await refused(hs_token(claims(), kid=kid))


async def test_a_secret_has_no_name_so_any_kid_will_do() -> None:
    assert await secret_verifier().verify(hs_token(claims(), kid="any"))


GARBAGE = [
    "",
    ".",
    "..",
    "...",
    "a.b",
    "a.b.c",
    "a.b.c.d",
    "a" * 5000,
    "Ünï.cödé.tøken",
    "\ud800.\udfff.\ud800",
    "\x00\x00.\x00.\x00",
    "e30.e30.e30",
    "W10.W10.W10",
    "bnVsbA.bnVsbA.bnVsbA",
    "A.A.A",
    f"Bearer {hs_token(claims())}",
    f" {hs_token(claims())}",
    f"{hs_token(claims())}\n",
    f"{hs_token(claims())}=",
    f"{hs_token(claims())}.{b64(b'x')}",
]


@pytest.mark.parametrize("token", GARBAGE)
async def test_garbage(token: str) -> None:
    await refused(token)


NESTED = b"[" * 2900


@pytest.mark.parametrize(
    "payload", [b" ", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", NESTED, b'{"a":' * 500, "{}".encode("utf-16")]
)
async def test_a_signed_payload_that_is_no_object(payload: bytes) -> None:
    await refused(hs_token(payload))


@pytest.mark.parametrize("header", [b"null", b"[]", b'"HS256"', b"{", b"\xff\xfe", NESTED, b'{"alg":' * 400])
async def test_a_signed_header_that_is_no_object(header: bytes) -> None:
    await refused(sign_parts(b64(header), b64_json(claims())))


async def test_absent_keys_are_not_the_tokens_fault() -> None:
    class NoKeys(SecretKeys):
        async def find(self, kid: str | None, algorithm: str) -> VerificationKey | None:
            raise Unavailable("no keys")

    with pytest.raises(Unavailable):
        await JoseTokenVerifier(NoKeys(SECRET), MovableClock()).verify(hs_token(claims()))


def test_nothing_of_the_secret_is_shown() -> None:
    key = SecretKeys(SECRET)._keys["HS256"]
    assert repr(key) == "VerificationKey(kid=None, algorithm='HS256')"


def test_the_hs256_path_waits_for_nothing() -> None:
    step = secret_verifier().verify(hs_token(claims()))
    with pytest.raises(StopIteration) as done:
        step.send(None)
    assert done.value.value.user_id == "user-1"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
pieces = st.text("abcAZ09-_.=+/ é\x00\ud800") | st.binary().map(b64) | json_values.map(b64_json)


@settings(max_examples=300, deadline=None)
@given(st.text() | st.lists(pieces, max_size=5).map(".".join))
async def test_no_text_is_believed_or_breaks_anything(token: str) -> None:
    await refused(token)


HEADER_FIELDS = st.sampled_from(["alg", "kid", "crit", "typ", "b64", "zip"])


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(HEADER_FIELDS, json_values | st.sampled_from(["HS256", "none"])), json_values)
async def test_a_rightly_signed_token_with_any_header_and_payload(header: dict[str, object], payload: object) -> None:
    await refused(sign_parts(b64_json(header), b64_json(payload)))


CLAIMS = ["sub", "id", "userId", "exp", "nbf", "iat", "roles", "tenants", "iss", "aud"]


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(st.sampled_from(CLAIMS), json_values | st.just(IN_AN_HOUR) | st.just(["admin"]), min_size=2))
async def test_any_claims_give_an_identity_within_bounds_or_none(given_claims: dict[str, object]) -> None:
    try:
        identity = await secret_verifier().verify(hs_token(given_claims))
    except Unauthorized:
        return
    assert 0 < len(identity.user_id) <= 256
    assert identity.user_id.encode()
    assert identity.expires_at > NOW


class Changing:
    """A source whose one key changes, as an issuer's does."""

    def __init__(self, key: VerificationKey | None) -> None:
        self.key = key

    async def find(self, kid: str | None, algorithm: str) -> VerificationKey | None:
        assert (kid, algorithm) == (None, "HS256")
        return self.key

    async def aclose(self) -> None:
        self.key = None


async def test_a_believed_token_goes_with_its_key() -> None:
    key, other = secret_key(SECRET), secret_key(b"another secret, as long as it has to be")
    source, token = Changing(key), hs_token(claims())
    verifier = JoseTokenVerifier(source, MovableClock())
    first = await verifier.verify(token)
    assert await verifier.verify(token) is first
    for replaced in (other, None):
        source.key = replaced
        await refused(token, verifier)
    source.key = secret_key(SECRET)
    assert await verifier.verify(token) == first
