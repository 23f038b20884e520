"""The demo's melodies can be played, and are not silent."""

import wave
from array import array
from pathlib import Path

import pytest

from app.demo.audio import RATE, write_melody
from app.demo.catalogue import DEMO_SONGS, DemoSong, audio_folder, seed_demo
from app.errors import Conflict
from app.models.catalogue import SongDraft


class Shelf:
    """Songs by slug."""

    def __init__(self) -> None:
        self.songs: dict[str, SongDraft] = {}

    async def add(self, draft: SongDraft) -> None:
        if draft.slug in self.songs:
            raise Conflict("Another song has this slug")
        self.songs[draft.slug] = draft


def samples(path: Path) -> array:
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return array("h", file.readframes(file.getnframes()))


@pytest.mark.parametrize("song", DEMO_SONGS[-1:], ids=lambda song: song.slug)
def test_a_melody_lasts_and_sounds_to_its_end(tmp_path: Path, song: DemoSong) -> None:
    path = tmp_path / "song.wav"
    write_melody(path, song.notes, song.note_ms, song.seconds)
    heard = samples(path)
    assert len(heard) == song.seconds * RATE
    for second in range(song.seconds):
        loudest = max(map(abs, heard[second * RATE : (second + 1) * RATE]))
        assert 2_000 < loudest < 32_000
    assert list(tmp_path.iterdir()) == [path]


async def test_seeding_twice_adds_nothing_and_writes_nothing(tmp_path: Path) -> None:
    shelf = Shelf()
    assert await seed_demo(shelf, tmp_path) == len(DEMO_SONGS)
    files = {path.name: path.stat().st_mtime_ns for path in audio_folder(tmp_path).iterdir()}
    assert set(files) == {f"{song.slug}.wav" for song in DEMO_SONGS}
    assert {Path(draft.audio_url).name for draft in shelf.songs.values()} == set(files)
    assert await seed_demo(shelf, tmp_path) == 0
    assert {path.name: path.stat().st_mtime_ns for path in audio_folder(tmp_path).iterdir()} == files


async def test_audio_that_is_gone_is_written_again(tmp_path: Path) -> None:
    shelf = Shelf()
    await seed_demo(shelf, tmp_path)
    lost = audio_folder(tmp_path) / "once-only.wav"
    lost.unlink()
    await seed_demo(shelf, tmp_path)
    assert samples(lost)
