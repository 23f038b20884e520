"""Webhooks: what providers tell us, who wants to be told by us, and each telling."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.models.licensing.providers import ProviderName


class ReceivedKind(StrEnum):
    """What a provider may tell us."""

    TRACK_UPDATED = "track.updated"
    TRACK_REMOVED = "track.removed"
    LICENSE_CHANGED = "license.changed"
    CATALOGUE_UPDATED = "catalogue.updated"


class SentKind(StrEnum):
    """What others can be told about."""

    LICENSE_EXPIRING = "license.expiring"
    LICENSE_EXPIRED = "license.expired"
    LICENSE_CHANGED = "license.changed"
    TRACK_VANISHED = "track.vanished"
    SYNC_COMPLETED = "sync.completed"
    SYNC_FAILED = "sync.failed"


@dataclass(frozen=True, slots=True)
class SignedBody:
    """A body as it came, with what the headers say of it; `None` where there is no such header."""

    body: bytes
    signature: str | None
    timestamp: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What a provider told us; without `track_ids` it is about its whole catalogue.

    `id` is the provider's own name for the event, the same whenever it is sent again.
    """

    provider: ProviderName
    kind: ReceivedKind
    track_ids: tuple[str, ...]
    id: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A notice that was taken and is still to be followed; `attempts` includes the present one."""

    id: str
    notice: Notice
    attempts: int
    claim: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class SubscriptionDraft:
    """Who wants to be told of what; a secret is made when none is given."""

    url: str
    events: frozenset[SentKind]
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is told of what. `sealed_secret` is encrypted.

    It is disabled for good, with a word on why, when the receiver answers that it is gone.
    """

    id: str
    url: str
    events: frozenset[SentKind]
    sealed_secret: str = field(repr=False)
    created_at: datetime
    created_by: str
    disabled_at: datetime | None = None
    disabled_reason: str | None = None

    @property
    def secret_label(self) -> str:
        """What its secret is sealed for."""
        return secret_label(self.id)


def secret_label(subscription_id: str) -> str:
    """What the secret of a subscription is sealed for."""
    return f"webhook-subscription:{subscription_id}"


class DeliveryState(StrEnum):
    """How a delivery stands."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one subscription. `body` is what is sent, byte for byte the same at every attempt.

    `claim` is who works on it, when somebody does; `due_at` is when it may be taken next.
    """

    id: str
    subscription_id: str
    kind: SentKind
    body: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    due_at: datetime
    claim: str | None = None
    ended_at: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of one attempt: the status of the answer, or in a few words of ours why there was none."""

    status: int | None
    error: str | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004
