"""The requests that are sent: whole, different, and by users that the app believes."""

from app.clock import SystemClock
from app.services.identity.keys import SecretKeys
from app.services.identity.verifier import JoseTokenVerifier
from benchmarks.tokens import TokenPool
from benchmarks.variants import BODY, Posts, Variant

SECRET = "a-secret-for-tests-that-is-long-enough-to-be-taken"


def pool() -> TokenPool:
    return TokenPool(SECRET, SystemClock())


async def test_every_request_is_of_another_user_and_the_songs_take_turns() -> None:
    posts = Posts(Variant.VIEWS, ["a", "b"], pool())
    verifier = JoseTokenVerifier(SecretKeys(SECRET.encode()), SystemClock())
    seen = []
    for _ in range(4):
        head, body = posts().split(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.split(": ") for line in lines[1:])
        assert (body, headers["Content-Length"]) == (BODY, str(len(BODY)))
        identity = await verifier.verify(headers["Authorization"].removeprefix("Bearer "))
        seen.append((lines[0], identity.user_id))
    assert [line for line, _ in seen] == [
        f"POST /api/audio/copyright-free/{song}/view HTTP/1.1" for song in ("a", "b", "a", "b")
    ]
    assert len({user for _, user in seen}) == 4
    assert posts.sent == 4


def test_tokens_are_minted_once() -> None:
    tokens = pool()
    tokens.grow_to(3)
    first = tokens[1]
    tokens.grow_to(2)
    assert (len(tokens), tokens[1]) == (3, first)
    assert tokens[4] != first
    assert len(tokens) == 5
