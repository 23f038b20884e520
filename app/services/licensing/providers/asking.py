"""What all adapters do around a call: parts of paths, credentials, and words for what was asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from app.errors import NotFound
from app.models.licensing.providers import ProviderPolicy, ProviderSetup
from app.models.licensing.search import SearchPage
from app.models.licensing.tracks import CataloguePage, ProviderTrack
from app.services.licensing.errors import NotSupported, ProviderFailed
from app.services.licensing.ports import Call
from app.services.licensing.providers.fields import is_id

UNAUTHORIZED = 401
MISSING = frozenset({404})
NOTHING = SearchPage((), 0, 0)
"""What a search gives whose filter no track of the provider can pass; not worth a call."""

Params = Sequence[tuple[str, str]]

_LONGEST_QUERY = 512
_MOST_PAGES = 10_000
_SENDABLE = re.compile(r"[\x20-\x7e]{1,4096}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk by numbered pages stands."""

    page: int
    size: int

    def after(self, policy: ProviderPolicy, entry_count: int, total: int | None) -> str | None:
        """The cursor of the next page, `None` at the end.

        Raises:
            ProviderFailed: the page is empty although more was promised, or there is no end; going on as if this were
                the end would make all the rest look vanished.
        """
        is_end = entry_count < self.size if total is None else self.page * self.size >= total
        if is_end:
            return None
        if entry_count == 0 or self.page >= _MOST_PAGES:
            raise ProviderFailed(policy.name, f"{policy.title} sent a catalogue that does not end where it should")
        return str(self.page + 1)


def place(policy: ProviderPolicy, cursor: str | None, size: int) -> Place:
    """Where a cursor points, the first page for none.

    Raises:
        ProviderFailed: it is none of ours.
    """
    if cursor is None:
        return Place(1, size)
    if not (cursor.isascii() and cursor.isdecimal() and 0 < int(cursor[:9]) <= _MOST_PAGES):
        raise ProviderFailed(policy.name, f"{policy.title} has no page of this cursor")
    return Place(int(cursor), size)


def checked_id(track_id: str) -> str:
    """An id that may be a part of a path or a parameter.

    Raises:
        NotFound: no track can have it.
    """
    if not is_id(track_id):
        raise NotFound("Track not found")
    return track_id


def credential(setup: ProviderSetup, name: str) -> str:
    """A credential that can be sent.

    Raises:
        ProviderFailed: it is not set, or has characters that no header can carry.
    """
    value = setup.credentials.get(name, "")
    if _SENDABLE.fullmatch(value) is None:
        raise ProviderFailed(setup.name, f"The {name} of {setup.policy.title} is not set, or cannot be sent")
    return value


def described(call: Call) -> str:
    """The call in words, to be made before credentials are added."""
    query = f"?{urlencode(list(call.params))}" if call.params else ""
    return f"{call.method} {call.path}{query}"[:_LONGEST_QUERY]


class WithoutSimilar:
    """The part of an adapter whose provider has no list of similar tracks."""

    policy: ProviderPolicy

    async def similar(self, setup: ProviderSetup, track_id: str) -> tuple[ProviderTrack, ...]:  # noqa: ARG002
        """Never.

        Raises:
            NotSupported: always.
        """
        raise NotSupported(f"{self.policy.title} has no list of similar tracks")


class WithoutWalk:
    """The part of an adapter whose provider's terms forbid a copy of its catalogue."""

    policy: ProviderPolicy

    async def walk(
        self,
        setup: ProviderSetup,  # noqa: ARG002
        cursor: str | None,  # noqa: ARG002
        genres: Sequence[str] = (),  # noqa: ARG002
    ) -> CataloguePage:
        """Never.

        Raises:
            NotSupported: always.
        """
        raise NotSupported(f"The terms of {self.policy.title} do not allow a copy of its catalogue")
