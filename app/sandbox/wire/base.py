"""What the wire format of every provider says about itself."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response

from app.models.licensing.providers import ProviderName
from app.sandbox.addresses import artwork_path, audio_path, root_of
from app.sandbox.limits import Limit, Usage
from app.sandbox.tracks import SandboxTrack
from app.sandbox.world import Side, World

Handler = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """A request that is answered with an error; `response` is that answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address below the prefix. `kind` is what limits and the record call it."""

    path: str
    kind: str
    handler: Handler
    method: str = "GET"
    needs_key: bool = True
    detail: str | None = None
    """With this in the query it is one track that is asked for."""

    def kind_of(self, request: Request) -> str:
        """What limits and the record call this request."""
        return "track" if self.detail is not None and self.detail in request.query_params else self.kind


class Wire(ABC):
    """One provider as it looks from outside."""

    name: ClassVar[ProviderName]
    prefix: ClassVar[str]
    secret_params: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def side(self) -> Side:
        """What is remembered of this provider."""
        return self._world.sides[self.name]

    @abstractmethod
    def endpoints(self) -> Sequence[Endpoint]:
        """All addresses."""

    @abstractmethod
    def error(self, status: int, message: str) -> Response:
        """An error as this provider words it."""

    def refusal(self, request: Request) -> Response | None:
        """The answer to a request without valid credentials; `None` when it may pass."""
        del request
        return None

    def too_many(self, usage: Usage | None) -> Response:
        """The answer to one call too many; `usage` is the limit that it broke."""
        del usage
        return self.error(429, "Too many requests")

    def limits_of(self, request: Request, kind: str) -> Sequence[Limit]:
        """The limits that count this call."""
        del request
        return [one for one in self.side.limiter.limits if one.kind in {None, kind}]

    def rate_headers(self, usages: Sequence[Usage]) -> Mapping[str, str]:
        """What every answer says about limits."""
        del usages
        return {}

    def base(self, request: Request) -> str:
        """The address of this provider."""
        return root_of(request) + self.prefix

    def artwork(self, request: Request, track: SandboxTrack) -> str:
        """The address of a cover."""
        return root_of(request) + artwork_path(self.name, track.id)

    def signed_audio(self, request: Request, track: SandboxTrack, file: str) -> str:
        """An address of the sound that ends."""
        path = audio_path(self.name, track.id, file)
        return root_of(request) + self._world.signer.signed(path, self._world.lifetimes.addresses)

    def open_audio(self, request: Request, track: SandboxTrack, file: str) -> str:
        """An address of the sound that stays."""
        return root_of(request) + audio_path(self.name, track.id, file)
