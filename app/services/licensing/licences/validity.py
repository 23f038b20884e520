"""Answers whether a use of a track is licensed, now or on any day."""

from app.clock import Clock
from app.models.licensing.licences import Evidence, Verdict
from app.models.licensing.providers import ProviderName
from app.models.licensing.usage import Period, Use
from app.models.pages import Page
from app.services.licensing.licences.evidence import LicenseEvidenceService
from app.services.licensing.licences.terms import LicenseTermsService
from app.services.licensing.licences.verdicts import judge


class LicenseService:
    """Puts terms and evidence together."""

    def __init__(self, terms: LicenseTermsService, evidence: LicenseEvidenceService, clock: Clock) -> None:
        self._terms = terms
        self._evidence = evidence
        self._clock = clock

    async def validate(
        self, provider: ProviderName, track_id: str, tenant_id: str | None, use: Use, period: Period | None = None
    ) -> Verdict:
        """The verdict on a use now, or at the end of a period.

        What is over is judged by what was on record then: the newest terms made and the newest evidence seen by the
        end of the period, though never what was found out later. What is to come is judged by what is known now. A
        day is covered when the licence covers all of it.

        Raises:
            NotFound: there is no such track, and there never was.
            UpstreamFailed, QuotaExceeded, NotConfigured: the provider cannot be asked, and nothing is known.
            Unavailable: the database is away.
        """
        now = self._clock.now()
        if period is not None and period.last < now:
            terms = await self._terms.governing(provider, tenant_id, period.last)
            return judge(terms, await self._evidence.as_of(provider, track_id, period.last), use, period)
        evidence = await self._evidence.now(provider, track_id)
        terms = await self._terms.governing(provider, tenant_id)
        return judge(terms, evidence, use, period or Period.at(self._clock.now()))

    async def evidence(self, provider: ProviderName, track_id: str, cursor: str | None, limit: int) -> Page[Evidence]:
        """All evidence of a track, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        return await self._evidence.versions(provider, track_id, cursor, limit)
