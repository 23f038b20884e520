"""Who takes part: artists, their tracks, and those who send events."""

from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

BOT_AGENTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
)
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_COUNTRIES = (None, "DE", "US", "NG", "BR", "IN")
_TRACKS_AN_ARTIST = 10
_ARTISTS_WITHOUT_OWN_PLAYS = 3
_DASHBOARDS = 6

Verdict = Literal["counted", "bots", "own"]


@dataclass(frozen=True, slots=True)
class Sender:
    """What is said of a whole request: an event and its repetitions come from one sender, so their verdict is known.

    `own_artist` is the artist whose account it is, if that artist does not want own plays counted.
    """

    agent: str
    country: str | None = None
    user: str | None = None
    is_bot: bool = False
    own_artist: int | None = None


class World:
    """Tracks 0, 1, 2, …, the first the most popular (Zipf), dealt out to the artists like cards."""

    def __init__(self, tracks: int) -> None:
        self.tracks = tracks
        self.artists = max(1, tracks // _TRACKS_AN_ARTIST)
        self.popularity = list(accumulate(1 / (rank + 1) for rank in range(tracks)))
        people = [Sender(_BROWSER, country) for country in _COUNTRIES]
        people += [Sender(_BROWSER, "FR", user=f"listener-{number}") for number in range(2)]
        self.people = range(len(people))
        bots = [Sender(agent, "US", is_bot=True) for agent in BOT_AGENTS]
        self.bots = range(len(people), len(people) + len(bots))
        owners = [
            Sender(_BROWSER, "SE", user=user_of(artist), own_artist=artist)
            for artist in range(min(_ARTISTS_WITHOUT_OWN_PLAYS, self.artists))
        ]
        self.owners = range(self.bots.stop, self.bots.stop + len(owners))
        self.senders = (*people, *bots, *owners)
        # Some who exclude their own plays, and some who do not.
        self.some_artists = range(min(_DASHBOARDS, self.artists))

    def artist_of(self, track: int) -> int:
        """Whose track it is."""
        return track % self.artists

    def tracks_of(self, artist: int) -> range:
        """All tracks of an artist."""
        return range(artist, self.tracks, self.artists)

    def excludes_own_plays(self, artist: int) -> bool:
        """Whether the artist has asked for it."""
        return artist < len(self.owners)

    def verdict(self, sender: int, kind: str, track: int) -> Verdict:
        """What an event is: a play of an artist's own track is set aside if asked for, other events never."""
        who = self.senders[sender]
        if who.is_bot:
            return "bots"
        is_own = who.own_artist is not None and who.own_artist == self.artist_of(track)
        return "own" if is_own and kind == "play" else "counted"


def track_id(track: int) -> str:
    """As it is on the wire."""
    return f"track-{track:04}"


def track_title(track: int) -> str:
    """What it is called."""
    return f"Track {track}"


def track_seconds(track: int) -> int:
    """How long it is."""
    return 120 + track % 240


def artist_id(artist: int) -> str:
    """As it is on the wire."""
    return f"artist-{artist:03}"


def user_of(artist: int) -> str:
    """The account of the artist."""
    return f"owner-{artist:03}"
