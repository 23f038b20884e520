"""A day's events as requests: each of one sender, of all sizes."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.truth.events import Event, to_wire
from benchmarks.truth.faults import Broken


@dataclass(frozen=True, slots=True)
class Request:
    """The body of a batch, and what must be refused in it: the code by index."""

    sender: int
    body: bytes
    size: int
    refusals: dict[int, str]


def requests_of(deliveries: Sequence[Event | Broken], largest: int, random: Random) -> list[Request]:
    """All deliveries in requests of 1 to `largest` events, in random order."""
    by_sender: dict[int, list[Event | Broken]] = defaultdict(list)
    for one in deliveries:
        by_sender[one.sender].append(one)
    requests = []
    for sender, events in by_sender.items():
        at = 0
        while at < len(events):
            # As often a full batch as any smaller one.
            size = largest if random.random() < 0.5 else random.randint(1, largest)
            requests.append(_request(sender, events[at : at + size], in_object=random.random() < 0.5))
            at += size
    random.shuffle(requests)
    return requests


def _request(sender: int, events: Sequence[Event | Broken], *, in_object: bool) -> Request:
    wires = [one.wire if isinstance(one, Broken) else to_wire(one) for one in events]
    refusals = {index: one.code for index, one in enumerate(events) if isinstance(one, Broken)}
    body = json.dumps({"events": wires} if in_object else wires, separators=(",", ":")).encode()
    return Request(sender, body, len(events), refusals)
