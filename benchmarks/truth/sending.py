"""Clients that send every batch until it is answered, whatever happens to the service meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp

from benchmarks.truth.batches import Request
from benchmarks.truth.world import Sender

PATH = "/api/stats/events"
_SERVER_FAULT = 500
_TOO_MANY = 429
_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.5)


class WrongAnswer(Exception):
    """The service refused a request that is right; sending it again would not help."""


@dataclass(slots=True)
class Receipts:
    """What all answers said together; `in_doubt` are events of batches that were sent more than once."""

    sent: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    in_doubt: int = 0
    batches: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    mistakes: list[str] = field(default_factory=list)


class Clients:
    """Several clients that share the batches of a day."""

    def __init__(self, session: aiohttp.ClientSession, senders: Sequence[Sender], tokens: Mapping[str, str]) -> None:
        self.receipts = Receipts()
        self._session = session
        self._headers = [_headers(sender, tokens) for sender in senders]

    async def send(self, requests: Sequence[Request], clients: int) -> None:
        """Send all of them, each until it is answered.

        Raises:
            WrongAnswer: a request was refused as a whole.
        """
        waiting = list(reversed(requests))
        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(self._client(waiting))

    async def _client(self, waiting: list[Request]) -> None:
        while waiting:
            request = waiting.pop()
            attempts = 0
            while not await self._attempt(request, attempts):
                await asyncio.sleep(_PAUSES[min(attempts, len(_PAUSES) - 1)])
                attempts += 1

    async def _attempt(self, request: Request, attempts: int) -> bool:
        headers = self._headers[request.sender]
        try:
            async with self._session.post(PATH, data=request.body, headers=headers) as answer:
                if answer.status >= _SERVER_FAULT or answer.status == _TOO_MANY:
                    self.receipts.faults[str(answer.status)] += 1
                    return False
                if answer.status != 200:
                    raise WrongAnswer(f"{answer.status} {(await answer.text())[:500]}")
                content = await answer.json()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self.receipts.faults[type(error).__name__] += 1
            return False
        self._note(request, content, attempts)
        return True

    def _note(self, request: Request, content: dict[str, object], attempts: int) -> None:
        noted = self.receipts
        accepted, duplicates, rejected = (int(str(content[name])) for name in ("accepted", "duplicates", "rejected"))
        noted.sent += request.size
        noted.batches += 1
        noted.accepted += accepted
        noted.duplicates += duplicates
        noted.rejected += rejected
        noted.in_doubt += request.size if attempts else 0
        if accepted + duplicates + rejected != request.size:
            noted.mistakes.append(f"{accepted} + {duplicates} + {rejected} of {request.size} events")
        noted.mistakes += _wrong_refusals(request, content["results"])


def _wrong_refusals(request: Request, results: object) -> list[str]:
    if not isinstance(results, list):
        return [f"results: {results!r}"]
    found = {one["index"]: one for one in results if one["status"] == "rejected"}
    wrong = [f"refused: {one}" for index, one in found.items() if request.refusals.get(index) != one.get("code")]
    return wrong + [f"not refused: {request.refusals[index]}" for index in request.refusals if index not in found]


def _headers(sender: Sender, tokens: Mapping[str, str]) -> dict[str, str]:
    headers = {"User-Agent": sender.agent, "Content-Type": "application/json"}
    if sender.country is not None:
        headers["CF-IPCountry"] = sender.country
    if sender.user is not None:
        headers["Authorization"] = f"Bearer {tokens[sender.user]}"
    return headers
