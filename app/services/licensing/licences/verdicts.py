"""Whether a use is licensed: the one rule, for validating, for recording and for compliance alike."""

from collections.abc import Iterator

from app.clock import iso
from app.models.licensing.licences import WORLD, Evidence, LicenceTerms, Verdict
from app.models.licensing.tracks import USABLE_LICENCES, LicenceCode
from app.models.licensing.usage import Period, Use

NO_EVIDENCE = "There is no evidence of this track's licence from that time"
WITHDRAWN = "The provider does not offer this track any more"


def judge(terms: LicenceTerms | None, evidence: Evidence | None, use: Use, period: Period) -> Verdict:
    """The verdict on a use, by the terms that govern it and the evidence, both as they stood at the end of `period`.

    A track under CC0 or in the public domain is free for every use, one under CC BY with its credit; one that is under
    contract may be used as the terms say, from their first moment (included) to their end (excluded), and all of the
    period must lie within. Everything else is refused.
    """
    code = evidence.code if evidence is not None else None
    binding = terms if code is LicenceCode.CONTRACT else None
    is_withdrawn = evidence is not None and evidence.is_withdrawn
    reasons = reasons_against(code, binding, use, period, is_withdrawn=is_withdrawn)
    return Verdict(
        is_valid=not reasons,
        reasons=reasons,
        at=period.last,
        code=code or LicenceCode.UNKNOWN,
        attribution=_credit(binding, evidence),
        terms=binding,
        evidence=evidence,
        valid_until=binding.terms.expires_at if binding is not None else None,
    )


def reasons_against(
    code: LicenceCode | None, terms: LicenceTerms | None, use: Use, period: Period, *, is_withdrawn: bool
) -> tuple[str, ...]:
    """A sentence for each thing that is in the way of a use; a `code` of `None` is that there is no evidence."""
    against_contract = _against_contract(terms, use, period) if code is LicenceCode.CONTRACT else ()
    return (*_against_track(code, is_withdrawn=is_withdrawn), *against_contract)


def _against_track(code: LicenceCode | None, *, is_withdrawn: bool) -> Iterator[str]:
    if code is None:
        yield NO_EVIDENCE
        return
    if is_withdrawn:
        yield WITHDRAWN
    if code not in USABLE_LICENCES:
        yield f"The track's licence ({code.value}) is none under which it may be used"


def _against_contract(terms: LicenceTerms | None, use: Use, period: Period) -> Iterator[str]:
    if terms is None:
        yield "Nobody has entered the terms of a contract with the provider"
        return
    yield from _against_dates(terms, period)
    if terms.terms.uses is not None and use.usage not in terms.terms.uses:
        yield f"The contract does not cover the usage {use.usage}"
    if not _covers(terms.terms.territories, use.territory):
        yield f"The contract does not cover the territory {use.territory}"


def _against_dates(terms: LicenceTerms, period: Period) -> Iterator[str]:
    begins, ends = terms.terms.valid_from, terms.terms.expires_at
    if begins is not None and period.first < begins:
        yield f"The licence begins only at {iso(begins)}"
    if ends is not None and ends <= period.last:
        yield f"The licence ends at {iso(ends)}"


def _covers(territories: tuple[str, ...] | None, territory: str) -> bool:
    return territories is None or WORLD in territories or territory in territories


def _credit(terms: LicenceTerms | None, evidence: Evidence | None) -> str | None:
    if terms is not None:
        return terms.terms.attribution
    if evidence is None or evidence.attribution or evidence.code is not LicenceCode.BY:
        return evidence.attribution if evidence is not None else None
    # CC BY asks for credit whether or not the provider words it.
    return " ".join(part for part in ("Licensed under CC BY", evidence.licence_version, evidence.url) if part)
