"""Answers in the memory of this process: for seconds, and bounded in bytes."""

from typing import Any

from cachetools import TTLCache

from app.models.licensing.cache import Shelf
from app.services.licensing.answers.codec import Answer

# Tracks were measured to take 1.5 to 2.2 times as much as objects than as JSON.
_OBJECT_PER_JSON = 3
_OVERHEAD = 1_000


def size_in_memory(json_bytes: int) -> int:
    """What an answer of so much JSON takes as objects."""
    return _OVERHEAD + _OBJECT_PER_JSON * json_bytes


class AnswerMemory:
    """Remembers the latest answers; the oldest leave when there are too many bytes."""

    def __init__(self, most_bytes: int, seconds: float) -> None:
        self._answers: TTLCache[str, tuple[Shelf, Answer[Any]]] = TTLCache(
            most_bytes, seconds, getsizeof=lambda entry: size_in_memory(entry[1].size)
        )

    @property
    def size(self) -> int:
        """Bytes, as they are estimated."""
        return int(self._answers.currsize)

    def find(self, key: str, generation: int) -> Answer[Any] | None:
        """The answer, unless its shelf was emptied since."""
        entry = self._answers.get(key)
        return entry[1] if entry is not None and entry[1].generation >= generation else None

    def put(self, key: str, shelf: Shelf, answer: Answer[Any]) -> None:
        """Remember it; what is larger than all there is room for is left out."""
        if size_in_memory(answer.size) <= self._answers.maxsize:
            self._answers[key] = (shelf, answer)

    def drop(self, shelves: set[Shelf]) -> None:
        """Forget what these shelves held."""
        for key in list(self._answers):
            entry = self._answers.get(key)
            if entry is not None and entry[0] in shelves:
                self._answers.pop(key, None)
