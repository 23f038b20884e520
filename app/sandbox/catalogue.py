"""The tracks of one provider: made when first asked for, searched, changed, and made to vanish."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.models.licensing.providers import ProviderName
from app.sandbox.generation import generate
from app.sandbox.tracks import SandboxTrack
from app.sandbox.wanted import Wanted

_KEPT_SEARCHES = 200
_SAID_OF_ITEM = frozenset(
    {"artist", "album", "genres", "moods", "instruments", "licence", "licence_version", "indexed_licence"}
)


class Catalogue:
    """In the order in which the provider lists them."""

    def __init__(self, provider: ProviderName, seed: int, size: int) -> None:
        self._provider, self._seed, self._size = provider, seed, size
        self._made: dict[str, SandboxTrack] | None = None
        self._texts: dict[str, str] = {}
        self._searches: dict[Wanted, Sequence[SandboxTrack]] = {}
        self._items: dict[str, list[SandboxTrack]] | None = None
        self.is_changed = False

    @property
    def tracks(self) -> dict[str, SandboxTrack]:
        """All, by id."""
        if self._made is None:
            self._made = {}
            self._add(range(self._size))
        return self._made

    def find(self, wanted: Wanted) -> Sequence[SandboxTrack]:
        """The tracks that match, in order."""
        tracks = self.tracks
        found = self._searches.get(wanted)
        if found is None:
            found = [one for one in tracks.values() if wanted.matches(one, self._texts[one.id])]
            if len(self._searches) >= _KEPT_SEARCHES:
                self._searches.pop(next(iter(self._searches)))
            self._searches[wanted] = found
        return found

    @property
    def items(self) -> Mapping[str, Sequence[SandboxTrack]]:
        """The tracks of every release, in order."""
        tracks = self.tracks
        if self._items is None:
            self._items = {}
            for one in tracks.values():
                self._items.setdefault(one.item, []).append(one)
        return self._items

    def change(self, track_id: str, fields: dict[str, Any]) -> SandboxTrack | None:
        """Set fields of a track, and when it was modified; `None` when there is no such track.

        What is said of a release, as its licence is, changes for all of its tracks.
        """
        track = self.tracks.get(track_id)
        if track is None:
            return None
        if "licence" in fields:
            fields = {"indexed_licence": fields["licence"], **fields}
        self.is_changed = True
        said_of_item = {name: value for name, value in fields.items() if name in _SAID_OF_ITEM}
        for one in list(self.items[track.item]) if track.item else []:
            self._put(replace(one, modified_at=datetime.now(UTC), **said_of_item))
        changed = replace(self.tracks[track_id], modified_at=datetime.now(UTC), **fields)
        self._put(changed)
        return changed

    def vanish(self, track_id: str) -> bool:
        """Take a track away; whether it was there."""
        self.is_changed = True
        self._forget_found()
        return self.tracks.pop(track_id, None) is not None

    def grow(self, count: int) -> list[SandboxTrack]:
        """Add so many new ones at the end."""
        self.is_changed = bool(self.tracks)
        first, self._size = self._size, self._size + count
        return self._add(range(first, self._size))

    def _add(self, numbers: range) -> list[SandboxTrack]:
        made = generate(self._provider, self._seed, numbers)
        for track in made:
            self._put(track)
        return made

    def _put(self, track: SandboxTrack) -> None:
        self._forget_found()
        self.tracks[track.id] = track
        self._texts[track.id] = track.text

    def _forget_found(self) -> None:
        self._searches.clear()
        self._items = None
