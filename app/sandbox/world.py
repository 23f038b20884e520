"""Everything that the sandbox remembers, provider by provider."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.models.licensing.providers import ProviderName
from app.sandbox.addresses import AddressSigner, Lifetimes
from app.sandbox.calls import CallLog
from app.sandbox.catalogue import Catalogue
from app.sandbox.credentials import CredentialBook
from app.sandbox.faults import FaultDesk
from app.sandbox.limits import PUBLISHED, Limit, Limiter

TRAP = "trap"
"""Under this name calls are recorded that nobody should make."""


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """How large the catalogues are, what they are made from, and how long every answer takes at least."""

    tracks: int = 2_000
    seed: int = 1
    latency_ms: float = 0.0


class Side:
    """One provider's side of the sandbox."""

    def __init__(self, provider: ProviderName, options: SandboxOptions) -> None:
        self.provider = provider
        self._options = options
        self.catalogue = Catalogue(provider, options.seed, options.tracks)
        self.reset()

    def reset(self) -> None:
        """As it was at the start, but for its tracks."""
        self.credentials = CredentialBook(self.provider)
        self.calls = CallLog()
        self.faults = FaultDesk()
        self.limiter = Limiter(PUBLISHED[self.provider])
        self.latency_ms = self._options.latency_ms

    def restore_catalogue(self) -> None:
        """Take back every change of a track."""
        if self.catalogue.is_changed:
            self.catalogue = Catalogue(self.provider, self._options.seed, self._options.tracks)

    def limit(self, limits: Sequence[Limit] | None) -> None:
        """Set the limits anew; `None` for the published ones. What has passed so far is forgotten."""
        self.limiter = Limiter(PUBLISHED[self.provider] if limits is None else limits)


class World:
    """All sides, and what they share."""

    def __init__(self, options: SandboxOptions) -> None:
        self.options = options
        self.sides = {name: Side(name, options) for name in ProviderName}
        self.lifetimes = Lifetimes()
        self.signer = AddressSigner()
        self.trapped = CallLog()

    def reset(self, *, with_catalogue: bool) -> None:
        """Forget all calls, faults and settings; and, when asked, every change of a track."""
        for side in self.sides.values():
            side.reset()
            if with_catalogue:
                side.restore_catalogue()
        self.lifetimes = Lifetimes()
        self.trapped = CallLog()
