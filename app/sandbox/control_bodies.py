"""What is sent to `/control`."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from app.models.licensing.providers import ProviderName
from app.sandbox.faults import Fault, FaultKind
from app.sandbox.limits import Limit


class _Sent(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class FaultOrder(_Sent):
    """A fault of one provider, or of all."""

    provider: ProviderName | None = None
    kind: FaultKind
    count: int | None = Field(None, ge=1)
    seconds: float | None = Field(None, ge=0)
    retry_after: int | float | str = "1"
    path: str = ""

    def fault(self) -> Fault:
        """The fault, for one provider."""
        return Fault(self.kind, self.count, self.seconds, str(self.retry_after), self.path)


class Reset(_Sent):
    """`catalogue`: take back the changes of tracks, too."""

    catalogue: bool = False


class Growth(_Sent):
    """How many new tracks appear."""

    count: int = Field(ge=1, le=10_000)


class TrackChange(_Sent):
    """Fields of a track; only those that are sent are changed."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)

    title: str = ""
    artist: str = ""
    album: str = ""
    duration: float = 0
    bpm: int = 0
    key: str = ""
    mode: str = ""
    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    energy: str = ""
    vocals: bool = False
    explicit: bool = False
    licence: str = ""
    licence_version: str = ""
    indexed_licence: str = ""
    content_id_free: bool = False
    is_downloadable: bool = True

    def fields(self) -> dict[str, Any]:
        """The sent ones, by the names that a track has."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class SentLimit(_Sent):
    """One rolling limit."""

    name: str
    limit: int = Field(ge=0)
    seconds: float = Field(gt=0)
    kind: str | None = None


class LimitChange(_Sent):
    """The limits of a provider, or of all: `null` for the published ones, an empty list for none."""

    provider: ProviderName | None = None
    limits: tuple[SentLimit, ...] | None = None

    def of_sandbox(self) -> list[Limit] | None:
        """As the limiter takes them."""
        if self.limits is None:
            return None
        return [Limit(one.name, one.limit, one.seconds, one.kind) for one in self.limits]


class LatencyChange(_Sent):
    """How long every answer of a provider, or of all, takes at least."""

    provider: ProviderName | None = None
    ms: float = Field(ge=0)


class LifetimeChange(_Sent):
    """How many seconds signed addresses and access tokens that are made from now on are good for."""

    addresses: float | None = Field(None, ge=0)
    tokens: float | None = Field(None, ge=0)


class CredentialChange(_Sent):
    """Whether the credentials of a provider, or of all, have expired."""

    provider: ProviderName | None = None
    expired: bool = True
