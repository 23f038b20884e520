"""Fingerprints: 64 bits over what an event says, and the id of an event that was sent without one."""

from hashlib import blake2b

from app.models.stats.events import StatsEvent

# Between the parts of an event. No id holds it, as control characters are refused there; the timestamp, in which
# Python's reader would let one pass, comes last. So no two events can have the same text.
_SEPARATOR = "\x1f"
_DERIVED = "auto-"


def canonical(event: StatsEvent, sent_timestamp: str) -> bytes:
    """What the client said, whatever the order of its keys: not who sent it, and not when it arrived."""
    parts = (
        event.type,
        event.track_id,
        event.session_id,
        event.source or "",
        str(event.duration),
        str(event.completion_rate),
        str(event.skipped),
        str(event.replayed),
        event.playlist_id or "",
        event.action or "",
        event.platform or "",
        sent_timestamp,
    )
    return _SEPARATOR.join(parts).encode()


def fingerprint_of(content: bytes) -> int:
    """A signed integer of 64 bits, as the database keeps it."""
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big", signed=True)


def derived_id(content: bytes, user_id: str | None) -> str:
    """The id of an event without one: the same content by the same user has the same id, so a retry counts once."""
    said_by = b"" if user_id is None else b"\x1e" + user_id.encode(errors="surrogatepass")
    return _DERIVED + blake2b(content + said_by, digest_size=16).hexdigest()
