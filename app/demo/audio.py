"""Writes short melodies as WAV files, out of notes."""

import math
import os
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path

RATE = 16_000
_ATTACK = RATE // 50
_LOUDNESS = 9_000


def write_melody(path: Path, notes: Sequence[int], note_ms: int, seconds: int) -> None:
    """Write `seconds` of a melody that repeats; `notes` are MIDI numbers, each `note_ms` long.

    Written beside the file and then renamed, so that nobody is served half a song.
    """
    length = RATE * note_ms // 1000
    tones = {note: _tone(note, length) for note in set(notes)}
    bar: array[int] = array("h")
    for note in notes:
        bar.extend(tones[note])
    repeats = math.ceil(seconds * RATE / len(bar))
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    with wave.open(str(unfinished), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((bar * repeats)[: seconds * RATE].tobytes())
    unfinished.replace(path)


def _tone(note: int, length: int) -> "array[int]":
    """A plucked tone: the note and its octave, swelling shortly and then dying away."""
    step = 2 * math.pi * 440 * 2 ** ((note - 69) / 12) / RATE
    return array(
        "h",
        (
            int(
                _LOUDNESS
                * min(1, at / _ATTACK)
                * math.exp(-3 * at / length)
                * (math.sin(step * at) + 0.4 * math.sin(2 * step * at))
            )
            for at in range(length)
        ),
    )
