"""Signatures of webhooks: what is taken, and what is not."""

from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Unauthorized
from app.models.licensing.webhooks import SignedBody
from app.services.licensing.webhooks.signatures import TOLERANCE, require_signed, sign

NOW = datetime(2026, 6, 1, tzinfo=UTC)
AT = str(int(NOW.timestamp()))
SECRET, BODY = "whsec", b'{"event": "catalogue.updated"}'


def signed(body: bytes = BODY, secret: str = SECRET, at: str = AT) -> SignedBody:
    return SignedBody(body, sign(secret, at, body), at)


def test_a_known_signature() -> None:
    """The HMAC-SHA256 of `1780272000.{}` with the key `key`, as openssl computes it."""
    assert sign("key", "1780272000", b"{}") == (
        "sha256=53283c60ee1c074bdcb4ad3457a4ccd5721d2caedc11bcd652b697fcfb742918"
    )


def test_a_good_signature_is_taken_in_any_case() -> None:
    good = signed()
    assert require_signed(SECRET, good, NOW) == good.signature
    shouted = SignedBody(BODY, (good.signature or "").upper(), AT)
    assert require_signed(SECRET, shouted, NOW) == good.signature


@pytest.mark.parametrize("off", [TOLERANCE, -TOLERANCE])
def test_five_minutes_are_tolerated(off: timedelta) -> None:
    require_signed(SECRET, signed(), NOW + off)
    with pytest.raises(Unauthorized):
        require_signed(SECRET, signed(), NOW + off * 1.01)


@pytest.mark.parametrize(
    "bad",
    [
        SignedBody(BODY, None, AT),
        SignedBody(BODY, signed().signature, None),
        SignedBody(BODY, signed().signature, str(int(AT) + 1)),
        SignedBody(BODY + b" ", signed().signature, AT),
        SignedBody(BODY, (signed().signature or "").removeprefix("sha256="), AT),
        SignedBody(BODY, "sha256=é" + "0" * 63, AT),
        SignedBody(BODY, sign(SECRET, "٣", BODY), "٣"),
        SignedBody(BODY, sign(SECRET, "9" * 40, BODY), "9" * 40),
        SignedBody(BODY, sign(SECRET, "-5", BODY), "-5"),
        signed(secret="other"),
    ],
)
def test_everything_else_is_refused(bad: SignedBody) -> None:
    with pytest.raises(Unauthorized):
        require_signed(SECRET, bad, NOW)
