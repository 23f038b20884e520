"""Tracks similar to another one: by its provider's own list, or by what is known of them."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from app.errors import NotFound, QuotaExceeded, UpstreamFailed
from app.models.licensing.favorites import TrackRef
from app.models.licensing.providers import CacheKind, ProviderName
from app.models.licensing.recommendations import Proposal, SimilarSource, SimilarTracks
from app.models.licensing.sync import AlikeFilter
from app.models.licensing.tracks import ProviderTrack
from app.services.licensing.access.configured import require_configured
from app.services.licensing.answers.cache import AnswerCache
from app.services.licensing.answers.codec import Codec
from app.services.licensing.answers.questions import Question
from app.services.licensing.errors import NotConfigured, NotSupported
from app.services.licensing.library.kept_tracks import KeptTracks
from app.services.licensing.library.likeness import alike
from app.services.licensing.library.spellings import plain, spellings
from app.services.licensing.ports import Providers, Setups

CANDIDATES = 100
"""Tracks that are looked at for each side of a tempo, by genre and by mood."""

_MOST_WORDS = 5
_CODEC: Codec[tuple[ProviderTrack, ...]] = Codec(tuple[ProviderTrack, ...])


class AlikeTracks(Protocol):
    """Our copy of those catalogues that may be copied."""

    async def alike(self, wanted: AlikeFilter) -> Sequence[ProviderTrack]:
        """Usable tracks with one of the genres or moods, those near a tempo."""
        ...


class VanishedTracks(Protocol):
    """What providers do not have any more."""

    async def vanished_among(self, refs: Sequence[TrackRef]) -> set[TrackRef]:
        """Those of the tracks that have vanished."""
        ...


class Lists(Protocol):
    """What providers call similar."""

    async def of(self, name: ProviderName, track_id: str) -> Sequence[ProviderTrack]:
        """The provider's own list, or nothing."""
        ...


class ProviderLists:
    """What providers call similar, kept as long as a search is."""

    def __init__(self, providers: Providers, setups: Setups, cache: AnswerCache) -> None:
        self._providers = providers
        self._setups = setups
        self._cache = cache

    async def of(self, name: ProviderName, track_id: str) -> tuple[ProviderTrack, ...]:
        """The provider's own list for a track; empty when it has none, or cannot be asked now.

        Raises:
            Unavailable: the database is away.
        """
        setup = await self._setups.get(name)
        question = Question(CacheKind.SEARCH, f"similar {track_id}", _CODEC)
        try:
            require_configured(setup)
            kept = await self._cache.get(question, setup, lambda: self._providers[name].similar(setup, track_id))
        except (NotSupported, NotConfigured, NotFound, UpstreamFailed, QuotaExceeded):
            return ()
        return kept.value


class SimilarService:
    """Finds tracks similar to another one."""

    def __init__(self, tracks: KeptTracks, lists: Lists, catalogue: AlikeTracks, vanished: VanishedTracks) -> None:
        self._tracks = tracks
        self._lists = lists
        self._catalogue = catalogue
        self._vanished = vanished

    async def to(self, ref: TrackRef, limit: int) -> SimilarTracks:
        """Usable tracks similar to this one, the most similar first, without itself.

        They are what the provider calls similar, if it says so; else those of our copy that share genres, moods,
        instruments, tempo and energy with it.

        Raises:
            NotFound: there is no such track.
            UpstreamFailed, QuotaExceeded, NotConfigured: the provider cannot be asked, and our copy has no such track.
            Unavailable: the database is away.
        """
        seed = await self._tracks.get(ref)
        theirs = await self._present(_offered(seed, await self._lists.of(seed.provider, seed.id)))
        if theirs:
            return SimilarTracks(_as_listed(seed, theirs)[:limit], SimilarSource.PROVIDER)
        ours = (alike(seed, track) for track in _offered(seed, await self._candidates(seed, limit)))
        best = sorted((one for one in ours if one.score > 0), key=_rank)
        return SimilarTracks(tuple(best[:limit]), SimilarSource.CATALOGUE)

    async def _candidates(self, seed: ProviderTrack, limit: int) -> Sequence[ProviderTrack]:
        genres, moods = (spellings(plain(words)[:_MOST_WORDS]) for words in (seed.genres, seed.moods))
        near = await self._catalogue.alike(AlikeFilter(genres, moods, seed.bpm, CANDIDATES))
        if seed.bpm is None or len(near) > limit:
            return near
        # Whole catalogues do not tell a tempo.
        return [*near, *await self._catalogue.alike(AlikeFilter(genres, moods, None, CANDIDATES))]

    async def _present(self, tracks: Sequence[ProviderTrack]) -> list[ProviderTrack]:
        gone = await self._vanished.vanished_among([TrackRef.of(track) for track in tracks])
        return [track for track in tracks if TrackRef.of(track) not in gone]


def _offered(seed: ProviderTrack, tracks: Iterable[ProviderTrack]) -> list[ProviderTrack]:
    """Each usable track once, without the seed."""
    usable = {TrackRef.of(track): track for track in tracks if track.licence.is_usable}
    usable.pop(TrackRef.of(seed), None)
    return list(usable.values())


def _as_listed(seed: ProviderTrack, tracks: Sequence[ProviderTrack]) -> tuple[Proposal, ...]:
    """In the provider's order, which has its reasons; the first has 1, and the score falls evenly from there."""
    step = 1 / len(tracks)
    said = f"{seed.provider.value} calls it similar"
    return tuple(
        Proposal(track, round(1 - place * step, 4), (said, *alike(seed, track).reasons))
        for place, track in enumerate(tracks)
    )


def _rank(proposal: Proposal) -> tuple[float, str, str]:
    return -proposal.score, proposal.track.provider, proposal.track.id
