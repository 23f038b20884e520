"""The songs of the demo catalogue."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.demo.audio import write_melody
from app.errors import Conflict
from app.models.catalogue import SongDraft
from app.models.songs import Song

AUDIO_PATH = "/demo-audio"
DEMO_ARTIST_ID = "demo-artist"


@dataclass(frozen=True, slots=True)
class DemoSong:
    """A song, and the melody it is made of."""

    slug: str
    title: str
    artist: str
    seconds: int
    note_ms: int
    notes: tuple[int, ...]


DEMO_SONGS = (
    DemoSong("first-light", "First Light", "The Ledger Lines", 24, 240, (60, 64, 67, 72, 71, 67, 64, 62)),
    DemoSong("paper-boats", "Paper Boats", "The Ledger Lines", 20, 300, (57, 60, 64, 69, 67, 64, 60, 59)),
    DemoSong("count-me-in", "Count Me In", "Tally & Sons", 18, 180, (62, 62, 69, 67, 66, 62, 64, 66)),
    DemoSong("slow-harbour", "Slow Harbour", "Tally & Sons", 30, 480, (55, 62, 59, 67, 64, 62, 59, 55)),
    DemoSong("northern-tram", "Northern Tram", "Ada Quill", 22, 200, (64, 67, 71, 74, 76, 74, 71, 67)),
    DemoSong("once-only", "Once Only", "Ada Quill", 16, 260, (65, 69, 72, 77, 76, 72, 69, 67)),
)


class Songs(Protocol):
    """Where songs are added."""

    async def add(self, draft: SongDraft) -> Song:
        """Add a song, or `Conflict` when its slug is taken."""
        ...


def audio_folder(data_dir: Path) -> Path:
    """Where the generated audio lies."""
    return data_dir / "demo-audio"


async def seed_demo(songs: Songs, data_dir: Path) -> int:
    """Add the demo songs that are not there yet, write their audio, and return how many were added."""
    folder = audio_folder(data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    return sum([await _seed(song, songs, folder) for song in DEMO_SONGS])


async def _seed(song: DemoSong, songs: Songs, folder: Path) -> bool:
    path = folder / f"{song.slug}.wav"
    if not path.exists():
        write_melody(path, song.notes, song.note_ms, song.seconds)
    try:
        await songs.add(
            SongDraft(
                title=song.title,
                artist=song.artist,
                audio_url=f"{AUDIO_PATH}/{path.name}",
                duration_ms=song.seconds * 1000,
                slug=song.slug,
                artist_id=DEMO_ARTIST_ID,
            )
        )
    except Conflict:
        return False
    return True
