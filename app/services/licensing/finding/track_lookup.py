"""Single tracks of providers, as they are shown and as evidence of their licence, each kept for its own time."""

from app.models.licensing.cache import Looked
from app.models.licensing.providers import CacheKind, ProviderName
from app.models.licensing.tracks import ProviderTrack
from app.services.licensing.access.configured import require_configured
from app.services.licensing.answers.cache import AnswerCache
from app.services.licensing.answers.codec import Codec
from app.services.licensing.answers.questions import Question
from app.services.licensing.ports import Providers, Setups

_CODEC: Codec[ProviderTrack] = Codec(ProviderTrack)


class TrackLookup:
    """Looks at one track of one provider."""

    def __init__(self, providers: Providers, setups: Setups, cache: AnswerCache) -> None:
        self._providers = providers
        self._setups = setups
        self._cache = cache

    async def track(self, name: ProviderName, track_id: str) -> Looked:
        """The track, as it was seen at most two hours ago (`cacheTtl.track`); also one that may not be used.

        `source` is `stale` when it is older, because the provider cannot be asked.

        Raises:
            NotFound: the provider has none of this id, or had none a minute ago.
            NotConfigured: the provider cannot be asked until an admin has set it up.
            ProviderFailed, QuotaExceeded: it was not seen before, and cannot be had now.
            Unavailable: the database is away.
        """
        return await self._look(CacheKind.TRACK, name, track_id)

    async def license(self, name: ProviderName, track_id: str) -> Looked:
        """The track with the facts of its licence, as they were seen at most a day ago (`cacheTtl.license`).

        `observed_at` is when; the rest is as `track`.

        Raises:
            NotFound, NotConfigured, ProviderFailed, QuotaExceeded, Unavailable: as `track`.
        """
        return await self._look(CacheKind.LICENSE, name, track_id)

    async def _look(self, kind: CacheKind, name: ProviderName, track_id: str) -> Looked:
        setup = await self._setups.get(name)
        require_configured(setup)
        kept = await self._cache.get(
            Question(kind, track_id, _CODEC), setup, lambda: self._providers[name].track(setup, track_id)
        )
        return Looked(kept.value, kept.source, kept.observed_at)
