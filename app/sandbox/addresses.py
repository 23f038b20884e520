"""Addresses of audio, some of which are signed and end."""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.requests import Request

from app.models.licensing.providers import ProviderName


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How many seconds signed addresses and access tokens are good for."""

    addresses: float = 3_600.0
    tokens: float = 3_600.0


class AddressSigner:
    """Signs addresses of one run of the sandbox."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def signed(self, path: str, seconds: float) -> str:
        """The path with its end and a signature."""
        ends_at = f"{time.time() + seconds:.3f}"
        return f"{path}?{urlencode({'expires': ends_at, 'signature': self._signature(path, ends_at)})}"

    def is_open(self, path: str, ends_at: str, signature: str) -> bool:
        """Whether we have signed it, and it has not ended."""
        if not hmac.compare_digest(self._signature(path, ends_at), signature):
            return False
        return time.time() < float(ends_at)

    def _signature(self, path: str, ends_at: str) -> str:
        return hmac.new(self._key, f"{path} {ends_at}".encode(), hashlib.sha256).hexdigest()


def root_of(request: Request) -> str:
    """Where this server is, as whoever asks has called it."""
    return f"http://{request.headers.get('host', '127.0.0.1')}"


def artwork_path(provider: ProviderName, track_id: str) -> str:
    """The path of the cover of a track."""
    return f"/artwork/{provider.value}/{quote(track_id, safe='')}"


def audio_path(provider: ProviderName, track_id: str, file: str) -> str:
    """The path of a file with the sound of a track; `file` is its name, such as `full.wav`."""
    return f"/audio/{provider.value}/{quote(track_id, safe='')}/{file}"
