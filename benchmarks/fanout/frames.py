"""As much of WebSocket's framing (RFC 6455) as a listener needs whose server sends short texts."""

from collections.abc import Iterator
from struct import unpack_from

HANDSHAKE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)

_TEXT = 0x81
_MASKED = 0x80
# The length is in the two bytes that follow.
_LONG = 126
_NO_MASK = bytes(4)


def text(message: bytes) -> bytes:
    """A frame of a client with a text of up to 64 KiB; the mask it must have is zero and changes nothing."""
    if len(message) < _LONG:
        return bytes((_TEXT, _MASKED | len(message))) + _NO_MASK + message
    return bytes((_TEXT, _MASKED | _LONG)) + len(message).to_bytes(2, "big") + _NO_MASK + message


class Frames:
    """Cuts what a server sends into texts; anything else but a text is left out."""

    def __init__(self) -> None:
        self._received = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The texts that are complete now."""
        received, at = self._received + data, 0
        while (payload := _payload(received, at)) is not None:
            start, end = payload
            if received[at] == _TEXT:
                yield received[start:end]
            at = end
        self._received = received[at:]


def _payload(received: bytes, at: int) -> tuple[int, int] | None:
    """Where the payload of the frame at `at` begins and ends, if all of it is there."""
    if len(received) < at + 2:
        return None
    length, start = received[at + 1], at + 2
    if length == _LONG:
        if len(received) < at + 4:
            return None
        (length,), start = unpack_from(">H", received, start), at + 4
    return (start, start + length) if len(received) >= start + length else None
