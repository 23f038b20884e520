"""What is asked of providers, and under which key its answer is kept."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Generic, TypeVar

from app.models.licensing.cache import AnswerKey, Shelf
from app.models.licensing.providers import CacheKind, ProviderSetup
from app.services.licensing.answers.codec import Codec

T = TypeVar("T")


@dataclass(frozen=True)  # without slots, as Page
class Question(Generic[T]):
    """What is asked of a provider; equal `text` of the same kind means the same question.

    `absent` is the sentence of the `NotFound` when the provider has no such thing.
    """

    kind: CacheKind
    text: str
    codec: Codec[T]
    absent: str = "Track not found"

    def shelf(self, setup: ProviderSetup) -> Shelf:
        """Where its answers lie."""
        return Shelf(setup.name, self.kind)

    def key(self, setup: ProviderSetup) -> AnswerKey:
        """The same for all set-ups of a provider but those that point at another address.

        What a sandbox said must not answer for the provider itself. Only a digest is stored: people's words may be
        personal.
        """
        digest = blake2b(f"{setup.base_url}\n{self.text}".encode(), digest_size=18).hexdigest()
        return AnswerKey(f"{setup.name.value}:{self.kind.value}:{digest}", self.shelf(setup))
