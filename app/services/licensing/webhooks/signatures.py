"""Signatures of webhooks: HMAC-SHA256 over the time in seconds, a dot, and the body."""

import hmac
import re
from datetime import datetime, timedelta
from hashlib import sha256

from app.errors import Unauthorized
from app.models.licensing.webhooks import SignedBody

TOLERANCE = timedelta(minutes=5)

_SCHEME = "sha256="
_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}\Z")
_SECONDS = re.compile(r"[0-9]{1,12}\Z")


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature as it is sent, `sha256=<64 hex digits>`."""
    return _SCHEME + hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def require_signed(secret: str, signed: SignedBody, now: datetime) -> str:
    """Check that somebody who knows the secret has signed the body within five minutes; returns the signature.

    Raises:
        Unauthorized: it is not so.
    """
    signature, timestamp = (signed.signature or "").lower(), signed.timestamp or ""
    if not _SIGNATURE.match(signature) or not _SECONDS.match(timestamp):
        raise Unauthorized("The signature or its time is missing")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise Unauthorized("The signature is more than five minutes off")
    # Compared last and in constant time: the rest depends on nothing that is secret.
    if not hmac.compare_digest(sign(secret, timestamp, signed.body), signature):
        raise Unauthorized("The signature is wrong")
    return signature
