"""Playlists of licensed tracks: their owner changes them, and others may read the public ones."""

from collections.abc import Sequence
from dataclasses import replace

from app.clock import Clock
from app.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, StaleVersion
from app.models.licensing.favorites import TrackRef
from app.models.licensing.playlists import (
    MOST_TRACKS,
    EntryAdded,
    FilledPlaylist,
    MusicPlaylist,
    MusicPlaylistChanges,
    MusicPlaylistDraft,
    OrderedPlaylist,
    PlaylistEntry,
    PlaylistEntryDraft,
)
from app.models.pages import Page
from app.services.licensing.library.kept_tracks import KeptTracks
from app.services.licensing.library.playlist_store import MusicPlaylists
from app.services.until_done import until_done


class MusicPlaylistService:
    """Keeps playlists. A private one does not exist for others; a public one they may read."""

    def __init__(self, playlists: MusicPlaylists, tracks: KeptTracks, clock: Clock) -> None:
        self._playlists = playlists
        self._tracks = tracks
        self._clock = clock

    async def add(self, draft: MusicPlaylistDraft) -> MusicPlaylist:
        """Add an empty playlist.

        Raises:
            Unavailable: the database is away.
        """
        return await self._playlists.add(draft, self._clock.now())

    async def own(self, user_id: str, cursor: str | None, limit: int) -> Page[MusicPlaylist]:
        """The user's own playlists, the newest first, without their tracks.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        return await self._playlists.page(user_id, cursor, limit)

    async def get(self, user_id: str, playlist_id: str) -> FilledPlaylist:
        """The user's own playlist, or a public one, with the newest state of its tracks that we have.

        Raises:
            NotFound: there is no such, or it is somebody else's and private.
            Unavailable: the database is away.
        """
        found = await self._playlists.get(playlist_id)
        _require_readable(found.playlist, user_id)
        tracks = await self._tracks.now({entry.ref: entry.track for entry in found.entries})
        return replace(found, entries=tuple(replace(entry, track=tracks[entry.ref]) for entry in found.entries))

    async def change(self, user_id: str, playlist_id: str, changes: MusicPlaylistChanges) -> MusicPlaylist:
        """Change title, description or who may read it.

        Raises:
            NotFound: as `get`.
            Forbidden: it is somebody else's.
            StaleVersion: a version was given, and it is not the current one.
            Unavailable: the database is away.
        """
        while True:
            head = await self._owned(user_id, playlist_id)
            _require_version(head, changes.version)
            if changes == MusicPlaylistChanges(version=changes.version):
                return head
            changed = await self._playlists.change(user_id, playlist_id, changes, self._clock.now())
            if changed is not None:
                return changed.playlist

    async def remove(self, user_id: str, playlist_id: str) -> None:
        """Remove a playlist. What was submitted to it and waits is rejected: nobody can decide on it any more.

        Raises:
            NotFound, Forbidden, Unavailable: as `change`.
        """
        await self._owned(user_id, playlist_id)
        now = self._clock.now()

        async def remove(is_in_doubt: bool) -> bool:
            return await self._playlists.remove(user_id, playlist_id, now) or is_in_doubt

        if not await until_done(remove):
            raise NotFound("Playlist not found")

    async def add_entry(
        self, user_id: str, playlist_id: str, ref: TrackRef, note: str | None, position: int | None
    ) -> EntryAdded:
        """Add a track at a position from 0, or at the end; one behind the end is the end.

        Raises:
            NotFound: there is no such playlist, as for `get`, or no such track.
            Forbidden: the playlist is somebody else's.
            Conflict: it has this track, or 1,000 tracks; or the provider is not configured.
            UpstreamFailed, QuotaExceeded: the provider cannot be asked, and we have no copy of the track.
            Unavailable: the database is away.
        """
        await self._owned(user_id, playlist_id)
        own_ref, track = await self._tracks.to_keep(ref)
        draft = PlaylistEntryDraft(self._playlists.new_id(), own_ref, note or None, position, track)
        now = self._clock.now()
        changed = await self._playlists.add_entry(user_id, playlist_id, draft, now)
        if changed is None:
            raise await self._refusal(user_id, playlist_id, own_ref)
        entry = PlaylistEntry(draft.id, own_ref, draft.note, now, track)
        return EntryAdded(entry, changed.order.index(draft.id), changed.playlist.version)

    async def _refusal(self, user_id: str, playlist_id: str, ref: TrackRef) -> Conflict:
        found = await self._playlists.get(playlist_id)
        _require_owner(found.playlist, user_id)
        if any(entry.ref == ref for entry in found.entries):
            return Conflict("This track is in the playlist already")
        return Conflict(f"The playlist has no room for another track; it holds {MOST_TRACKS:,} at most")

    async def remove_entry(self, user_id: str, playlist_id: str, entry_id: str) -> MusicPlaylist:
        """Remove a track.

        Raises:
            NotFound: there is no such playlist, as for `get`, or no such entry in it.
            Forbidden: the playlist is somebody else's.
            Unavailable: the database is away.
        """
        await self._owned(user_id, playlist_id)
        changed = await self._playlists.remove_entry(user_id, playlist_id, entry_id, self._clock.now())
        if changed is None:
            raise NotFound("Track not found in this playlist")
        return changed.playlist

    async def reorder(self, user_id: str, playlist_id: str, order: Sequence[str], version: int) -> OrderedPlaylist:
        """Put the tracks into this order of all of their entries' ids; all of it or nothing.

        Raises:
            NotFound, Forbidden: as `change`.
            StaleVersion: the version is not the current one.
            Invalid: an id is unknown, missing or there twice; `errors` names each.
            Unavailable: the database is away.
        """
        while True:
            found = await self._playlists.ordered(playlist_id)
            _require_owner(found.playlist, user_id)
            _require_version(found.playlist, version)
            _require_permutation(order, found.order)
            changed = await self._playlists.reorder(user_id, playlist_id, version, order, self._clock.now())
            if changed is not None:
                return changed

    async def _owned(self, user_id: str, playlist_id: str) -> MusicPlaylist:
        head = await self._playlists.head(playlist_id)
        _require_owner(head, user_id)
        return head


def _require_readable(playlist: MusicPlaylist, user_id: str) -> None:
    if not (playlist.is_public or playlist.owner_id == user_id):
        raise NotFound("Playlist not found")


def _require_owner(playlist: MusicPlaylist, user_id: str) -> None:
    _require_readable(playlist, user_id)
    if playlist.owner_id != user_id:
        raise Forbidden("Only the owner of a playlist may change it")


def _require_version(playlist: MusicPlaylist, version: int | None) -> None:
    if version not in {None, playlist.version}:
        raise StaleVersion("The playlist", playlist.version)


def _require_permutation(order: Sequence[str], entries: Sequence[str]) -> None:
    left = set(entries)
    faults = []
    for place, entry_id in enumerate(order):
        if entry_id not in left:
            what = "is there twice" if entry_id in entries else "is no entry of this playlist"
            faults.append(FieldError(f"order.{place}", what))
        left.discard(entry_id)
    faults += [FieldError("order", f"lacks the entry {entry_id}") for entry_id in entries if entry_id in left]
    if faults:
        raise Invalid("The order must have every entry of the playlist once", faults)
