"""What a commit says of the events of one batch."""

from dataclasses import dataclass, field

from app.models.stats.events import EventStatus, Exclusion, ExclusionKind, Receipt, RejectionCode, StatsEvent


@dataclass(slots=True)
class Recorded:
    """What became of the events of one batch; plainly accepted ones have no receipt."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    receipts: list[Receipt] = field(default_factory=list)

    def refuse(self, event: StatsEvent, code: RejectionCode, error: str) -> None:
        """The event is not taken."""
        self.rejected += 1
        self.receipts.append(Receipt(event.index, event.event_id, EventStatus.REJECTED, code, error))

    def repeat(self, event: StatsEvent) -> None:
        """The event is there already."""
        self.duplicates += 1
        self.receipts.append(Receipt(event.index, event.event_id, EventStatus.DUPLICATE))

    def accept(self, event: StatsEvent, exclusion: Exclusion | None) -> None:
        """The event is taken, perhaps with a remark."""
        self.accepted += 1
        if exclusion is not None:
            status = EventStatus.BOT if exclusion.kind is ExclusionKind.BOT else EventStatus.OWN_PLAY
            self.receipts.append(Receipt(event.index, event.event_id, status, error=exclusion.reason))
        elif event.is_clamped:
            self.receipts.append(Receipt(event.index, event.event_id, EventStatus.CLAMPED))
