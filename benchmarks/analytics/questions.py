"""What is asked over a year: of everything, of one artist, of one track, and an artist's dashboard."""

from dataclasses import dataclass

from app.clock import SystemClock
from app.models.identity import Role
from app.services.identity.minting import mint_token
from benchmarks.events import ARTISTS, TRACKS, artist_id, track_id
from benchmarks.filling import user_of
from benchmarks.tokens import LIFETIME

EXPECTED = b'{"success":true,'


@dataclass(frozen=True, slots=True)
class Question:
    """One request, and the tracks that it is about (`None`: all)."""

    name: str
    path: str
    user: str
    roles: tuple[Role, ...]
    tracks: tuple[str, ...] | None

    def request(self, secret: str) -> bytes:
        """The bytes of the whole message."""
        token = mint_token(secret, user_id=self.user, clock=SystemClock(), lifetime=LIFETIME, roles=self.roles)
        return f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


_ADMIN = ("admin", (Role.ADMIN,))
_YEAR = "/api/stats/analytics?timeRange=1y"
_OF_ARTIST = tuple(track_id(track) for track in range(0, TRACKS, ARTISTS))

# The first artist has the most popular track.
QUESTIONS = (
    Question("everything", _YEAR, *_ADMIN, None),
    Question("artist", f"{_YEAR}&artistId={artist_id(0)}", *_ADMIN, _OF_ARTIST),
    Question("track", f"{_YEAR}&trackId={track_id(0)}", *_ADMIN, (track_id(0),)),
    Question("dashboard", "/api/dashboard/stats?timeRange=1y", user_of(0), (), _OF_ARTIST),
)
SCANNED = tuple(one for one in QUESTIONS if one.name != "dashboard")
