"""What providers tell us: checked, kept, and followed until it is done."""

from datetime import timedelta

import structlog
from pydantic import ValidationError

from app.clock import Clock
from app.errors import DomainError, FieldError, Invalid, NotFound
from app.metrics import WEBHOOKS_RECEIVED
from app.models.jobs import Summary
from app.models.licensing.providers import WEBHOOK_SECRET, ProviderName
from app.models.licensing.webhooks import Notice, Receipt, SignedBody
from app.models.wire.music_webhooks import NoticeBody
from app.services.licensing.errors import NotConfigured, NotSupported
from app.services.licensing.ports import Setups
from app.services.licensing.queue_workers import QueueWorkers
from app.services.licensing.retries import Retries
from app.services.licensing.webhooks.ports import CachedTracks, Receipts, TrackSyncs
from app.services.licensing.webhooks.signatures import require_signed

log = structlog.get_logger(__name__)


_LEASE = timedelta(minutes=1)
_AT_ONCE = 2
_RETRIES = Retries(base=timedelta(seconds=10), cap=timedelta(minutes=30), give_up_after=timedelta(days=1))


class WebhookInbox:
    """Keeps a notice before it says that it has it, and follows it in the background, in any process."""

    def __init__(
        self, setups: Setups, receipts: Receipts, cache: CachedTracks, syncs: TrackSyncs, clock: Clock
    ) -> None:
        self._setups = setups
        self._receipts = receipts
        self._cache = cache
        self._syncs = syncs
        self._clock = clock
        self._workers: QueueWorkers[Receipt] = QueueWorkers("webhook-receipts", self._take, self._follow, _AT_ONCE)

    async def receive(self, provider: ProviderName, signed: SignedBody) -> bool:
        """Take a notice; false when it was taken before, and nothing more is done.

        Raises:
            NotFound: the provider has no secret set, so that nothing it says can be believed.
            Unauthorized: it is not signed with the secret, or not within the last five minutes.
            Invalid: it is not JSON, or not of the right shape.
            Unavailable: the database is away; it can be sent again.
        """
        secret = (await self._setups.get(provider)).credentials.get(WEBHOOK_SECRET)
        if not secret:
            raise NotFound("This provider has no webhook")
        now = self._clock.now()
        signature = require_signed(secret, signed, now)
        notice = _read(provider, signed.body)
        is_new = await self._receipts.add(notice, signature, now)
        WEBHOOKS_RECEIVED.labels(provider.value, "new" if is_new else "repeat").inc()
        if is_new:
            self._workers.kick()
        return is_new

    async def advance(self) -> Summary:
        """Go on, in the background, with what is not followed yet, also with what a process left that is gone.

        Raises:
            Unavailable: the database is away.
        """
        due = await self._receipts.count_due(self._clock.now())
        self._workers.kick()
        return {"due": due}

    async def idle(self) -> None:
        """Wait until nothing is worked on here."""
        await self._workers.idle()

    async def close(self) -> None:
        """Stop; what is not done is kept."""
        await self._workers.close()

    async def _take(self) -> Receipt | None:
        return await self._receipts.take(self._clock.now(), _LEASE)

    async def _follow(self, receipt: Receipt) -> None:
        try:
            note = await self._act_on(receipt.notice)
        except DomainError as error:
            await self._try_later(receipt, error.message)
        else:
            await self._receipts.finish(receipt, self._clock.now(), note)

    async def _act_on(self, notice: Notice) -> str | None:
        """Safe to repeat: what was forgotten is forgotten, and the same sync is started once."""
        await self._cache.forget(notice.provider, notice.track_ids)
        try:
            await self._syncs.start(notice.provider, notice.track_ids)
        except (NotSupported, NotConfigured) as reason:
            return reason.message
        return None

    async def _try_later(self, receipt: Receipt, why: str) -> None:
        now = self._clock.now()
        due_at = _RETRIES.next_at(receipt.attempts, receipt.received_at, now)
        if due_at is None:
            log.warning("webhook_not_followed", receipt=receipt.id, why=why)
            await self._receipts.fail(receipt, now, why)
        else:
            await self._receipts.postpone(receipt, due_at, why)


def _read(provider: ProviderName, body: bytes) -> Notice:
    try:
        return NoticeBody.model_validate_json(body).to_notice(provider)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        named = [FieldError(".".join(str(part) for part in fault["loc"]) or "body", fault["msg"]) for fault in faults]
        raise Invalid("The request is not valid", named) from None
