"""What the webhooks need of their surroundings."""

from collections.abc import Collection as Container
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from app.models.licensing.providers import ProviderName
from app.models.licensing.webhooks import Delivery, DeliveryState, Notice, Posted, Receipt, SentKind, Subscription
from app.models.pages import Page


class Vault(Protocol):
    """Encrypts what lies in the database."""

    def seal(self, label: str, secret: str) -> str:
        """The secret for `label`, as it may be stored, or `Conflict` when there is no key."""
        ...

    def open(self, label: str, sealed: str) -> str | None:
        """The secret; `None` when it does not open."""
        ...

    def is_newest(self, sealed: str) -> bool:
        """Whether it is sealed with the newest key."""
        ...


class Subscriptions(Protocol):
    """Where subscriptions are kept."""

    async def add(self, subscription: Subscription) -> None:
        """Add one."""
        ...

    async def count(self) -> int:
        """How many there are."""
        ...

    async def get(self, subscription_id: str) -> Subscription:
        """The one of this id, or `NotFound`."""
        ...

    async def page(self, cursor: str | None, limit: int) -> Page[Subscription]:
        """All, the newest first."""
        ...

    async def all(self) -> Sequence[Subscription]:
        """All at once."""
        ...

    async def reseal(self, subscription_id: str, old: str, new: str) -> bool:
        """Replace the sealed secret, if it is still this one."""
        ...

    async def to_be_told(self, kind: SentKind) -> Sequence[str]:
        """The ids of those that want to hear of this."""
        ...

    async def disable(self, subscription_id: str, at: datetime, reason: str) -> None:
        """Tell it nothing any more."""
        ...

    async def remove(self, subscription_id: str) -> None:
        """Remove one, or `NotFound`."""
        ...


class Deliveries(Protocol):
    """Where deliveries are kept."""

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        """Keep those that are not there yet."""
        ...

    async def count_due(self, at: datetime) -> int:
        """How many may be taken."""
        ...

    async def take(self, at: datetime, lifetime: timedelta, besides: Container[str]) -> Delivery | None:
        """Take one that is due, besides those of some subscriptions, for this long."""
        ...

    async def end(self, delivery: Delivery, state: DeliveryState, at: datetime, posted: Posted) -> None:
        """It is over."""
        ...

    async def postpone(self, delivery: Delivery, due_at: datetime, posted: Posted) -> None:
        """It is tried again later."""
        ...

    async def abandon(self, subscription_id: str, at: datetime, reason: str) -> None:
        """Nothing of this subscription is tried any more."""
        ...

    async def page(self, subscription_id: str, cursor: str | None, limit: int) -> Page[Delivery]:
        """Those of a subscription, the newest first."""
        ...


class Receivers(Protocol):
    """Those who are told, somewhere else."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        """Send it once; never raises for what a receiver does."""
        ...


class Receipts(Protocol):
    """Where what providers told us is kept."""

    async def add(self, notice: Notice, signature: str, at: datetime) -> bool:
        """Keep one, unless it was kept before."""
        ...

    async def count_due(self, at: datetime) -> int:
        """How many may be taken."""
        ...

    async def take(self, at: datetime, lifetime: timedelta) -> Receipt | None:
        """Take one that is to be followed, for this long."""
        ...

    async def finish(self, receipt: Receipt, at: datetime, note: str | None) -> None:
        """It was followed."""
        ...

    async def fail(self, receipt: Receipt, at: datetime, note: str) -> None:
        """It is not tried any more."""
        ...

    async def postpone(self, receipt: Receipt, due_at: datetime, note: str) -> None:
        """It is tried again later."""
        ...


class CachedTracks(Protocol):
    """What is kept of tracks and their licences."""

    async def forget(self, provider: ProviderName, track_ids: Sequence[str]) -> None:
        """Ask for these anew when they are next wanted; without any, for all of the provider."""
        ...


class TrackSyncs(Protocol):
    """Follows what changed in a catalogue."""

    async def start(self, provider: ProviderName, track_ids: Sequence[str]) -> None:
        """Have these tracks read again in the background, or, without any, the whole catalogue.

        Raises:
            NotSupported: the provider's terms allow no copy of its catalogue, or it has no list.
            NotConfigured: it is switched off, or lacks credentials.
        """
        ...
