"""Terms of a contract as they are sent and shown."""

from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field

from app.models.licensing.licences import LicenceTerms, TermsDraft
from app.models.licensing.territories import TERRITORIES
from app.models.wire.base import CamelModel, Moment


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _known(territory: str) -> str:
    if territory not in TERRITORIES:
        raise ValueError("must be an ISO 3166-1 alpha-2 code or WORLD")
    return territory


Use = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9_-]*$", examples=["youtube"])]
Territory = Annotated[
    str,
    BeforeValidator(_upper),
    AfterValidator(_known),
    Field(examples=["DE"], json_schema_extra={"enum": [*sorted(TERRITORIES)]}),
]
"""An ISO 3166-1 alpha-2 code, in either case, or `WORLD`."""

_Plain = r"^[^\x00]*$"


class LicenseTermsBody(CamelModel):
    """What a contract allows; `uses` and `territories` left out are not limited, empty lists allow nothing."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[str, Field(min_length=1, max_length=64, pattern=_Plain, examples=["subscription"])] = "contract"
    uses: Annotated[list[Use], Field(max_length=100)] | None = None
    territories: Annotated[list[Territory], Field(max_length=300)] | None = None
    valid_from: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    attribution: Annotated[str, Field(max_length=2_000, pattern=_Plain)] | None = None

    def to_draft(self) -> TermsDraft:
        """As the service takes it."""
        return TermsDraft(
            type=self.type,
            uses=None if self.uses is None else tuple(self.uses),
            territories=None if self.territories is None else tuple(self.territories),
            valid_from=self.valid_from,
            expires_at=self.expires_at,
            attribution=self.attribution,
        )


class LicenseTermsShown(CamelModel):
    """One version of the terms, and who made it when."""

    version: int
    type: str
    uses: list[str] | None
    territories: list[str] | None
    valid_from: Moment | None
    expires_at: Moment | None
    attribution: str | None
    made_at: Moment
    made_by: str
    hash: str

    @classmethod
    def of(cls, made: LicenceTerms) -> Self:
        """Show a version."""
        terms = made.terms
        return cls(
            version=made.version,
            type=terms.type,
            uses=None if terms.uses is None else list(terms.uses),
            territories=None if terms.territories is None else list(terms.territories),
            valid_from=terms.valid_from,
            expires_at=terms.expires_at,
            attribution=terms.attribution,
            made_at=made.made_at,
            made_by=made.made_by,
            hash=made.hash,
        )
