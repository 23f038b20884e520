"""What was found out of a secret text once and is not to be found out again, in bounded memory."""

from hashlib import sha256
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """By a text, what is known of it; of too many the oldest is forgotten. The texts themselves are not kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[bytes, Value] = {}

    def get(self, text: object) -> Value | None:
        """What is known; of something that is no text, nothing."""
        return self._known.get(_digest(text)) if isinstance(text, str) else None

    def keep(self, text: str, value: Value) -> None:
        """Know it from now on."""
        self._known[_digest(text)] = value
        if len(self._known) > self._most:
            del self._known[next(iter(self._known))]


def _digest(text: str) -> bytes:
    # A text out of JSON may hold half a surrogate pair.
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
