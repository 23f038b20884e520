"""Reads answers of providers: a bad page is the provider's failure, a bad entry costs only itself."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from app.errors import NotFound
from app.models.licensing.providers import ProviderPolicy
from app.models.licensing.tracks import FailedTrack, ProviderTrack
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Reply
from app.services.licensing.providers.fields import Wire, is_id

_MOST_ENTRIES = 1_000
_LONGEST_FAULT = 200
_OK = range(200, 300)
_NOT_FOUND = 404

Shape = TypeVar("Shape", bound=Wire)


@dataclass(frozen=True, slots=True)
class Entries:
    """The tracks of a page in its order, and those that could not be read."""

    tracks: tuple[ProviderTrack, ...]
    failed: tuple[FailedTrack, ...] = ()


def read(policy: ProviderPolicy, reply: Reply, shape: type[Shape]) -> Shape:
    """The answer in its shape.

    Raises:
        NotFound: the status says so, in JSON: a page in HTML comes from a wrong address, and says nothing of a track.
        ProviderFailed: any other status but 2xx, no JSON, or JSON of another shape.
    """
    if reply.status == _NOT_FOUND:
        read_body(policy, reply, Wire)
        raise NotFound("Track not found")
    if reply.status not in _OK:
        raise ProviderFailed(policy.name, f"{policy.title} answered {reply.status}", status=reply.status)
    return read_body(policy, reply, shape)


def read_body(policy: ProviderPolicy, reply: Reply, shape: type[Shape]) -> Shape:
    """The answer in its shape, whatever its status.

    Raises:
        ProviderFailed: no JSON, or JSON of another shape.
    """
    try:
        parsed = _json(reply.body)
    except (ValueError, RecursionError):
        raise ProviderFailed(policy.name, f"{policy.title} sent something that is no JSON") from None
    return read_entry(policy, parsed, shape)


def read_entry(policy: ProviderPolicy, entry: object, shape: type[Shape]) -> Shape:
    """One thing in its shape.

    Raises:
        ProviderFailed: it has another.
    """
    try:
        return shape.model_validate(entry)
    except ValidationError as error:
        raise ProviderFailed(policy.name, f"{policy.title} sent an unknown shape: {fault(error)}") from None


def read_entries(
    policy: ProviderPolicy, entries: Sequence[object], make: Callable[[object], ProviderTrack | None], query: str
) -> Entries:
    """A track of each entry, unless `make` gives none; `query` says of failed ones what was asked.

    Raises:
        ProviderFailed: there are more entries than any page has.
    """
    if len(entries) > _MOST_ENTRIES:
        raise ProviderFailed(policy.name, f"{policy.title} sent over {_MOST_ENTRIES} entries in one page")
    tracks, failed = dict[str, ProviderTrack](), list[FailedTrack]()
    for entry in entries:
        try:
            if (track := make(entry)) is not None:
                tracks.setdefault(track.id, track)
        except ValidationError as error:
            failed.append(FailedTrack(_id_of(entry), query, fault(error)))
    return Entries(tuple(tracks.values()), tuple(failed))


def fault(error: ValidationError) -> str:
    """The first thing that is wrong, without what was sent."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    return f"{where or 'entry'}: {first['msg'].removeprefix('Value error, ')}"[:_LONGEST_FAULT]


def _json(body: bytes) -> object:
    # NaN, broken UTF-8 and half surrogates are faults of one field, and must not cost the page.
    parsed: object = json.loads(body.decode("utf-8", "replace"), parse_constant=_nothing)
    return parsed


def _nothing(_: str) -> None:
    return None


def _id_of(entry: object) -> str | None:
    # As far as it can be told, so that somebody can look the entry up: `id`, with HookSounds `info.id`.
    for one in (entry, entry.get("info") if isinstance(entry, dict) else None):
        found = one.get("id") if isinstance(one, dict) else None
        if isinstance(found, str | int) and is_id(text := str(found)):
            return text
    return None
