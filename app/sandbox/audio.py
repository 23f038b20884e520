"""Short tones as WAV, each made when it is first asked for."""

import io
import math
import wave
from array import array
from functools import lru_cache

from app.sandbox import words
from app.sandbox.tracks import SandboxTrack

_RATE = 8_000
_SECONDS = 3
_LOUDNESS = 9_000
_FADE = _RATE // 20


def tone_of(track: SandboxTrack) -> bytes:
    """A tone at the pitch of the track's key, beating at its tempo."""
    return _tone(words.KEYS.index(track.key) if track.key in words.KEYS else 0, track.bpm // 20 * 20 or 20)


@lru_cache(maxsize=128)  # of 48 kB each: 6 MB at most
def _tone(key: int, bpm: int) -> bytes:
    step = 2 * math.pi * 220 * 2 ** (key / 12) / _RATE
    beat = _RATE * 60 // bpm
    samples = array(
        "h",
        (
            int(_LOUDNESS * min(1.0, at % beat / _FADE) * math.exp(-3 * (at % beat) / beat) * math.sin(step * at))
            for at in range(_RATE * _SECONDS)
        ),
    )
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(samples.tobytes())
    return written.getvalue()
