"""Serves the sandbox until a signal ends it."""

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import uvicorn

from app.models.licensing.providers import ProviderName
from app.sandbox.app import WIRES, create_sandbox
from app.sandbox.connection import AbortableHttp
from app.sandbox.credentials import ACCEPTED
from app.sandbox.world import SandboxOptions


class ProductionRefused(Exception):
    """The sandbox is a playground: not for a place where `APP_ENV` says production."""

    def __init__(self) -> None:
        super().__init__("The sandbox is for development and tests; APP_ENV says production")


@dataclass(frozen=True, slots=True)
class Offered:
    """How to ask one provider of the sandbox: what an admin would set."""

    base_url: str
    credentials: dict[str, str]


def offers(address: str) -> dict[ProviderName, Offered]:
    """What to set for each provider, for a sandbox at this address."""
    made = {wire.name: Offered(address + wire.prefix, dict(ACCEPTED[wire.name])) for wire in WIRES}
    artlist = made.get(ProviderName.ARTLIST)
    if artlist is not None:
        artlist.credentials["tokenUrl"] = f"{artlist.base_url}/oauth2/token"
    return made


def serve(host: str, port: int, options: SandboxOptions, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `announce` hears the address once connections are taken.

    Raises:
        ProductionRefused: `APP_ENV` is production.
        OSError: the address cannot be listened on.
    """
    if os.environ.get("APP_ENV") == "production":
        raise ProductionRefused
    # It says an error for every connection that is cut on purpose.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    # uvicorn raises the signal again after its own shutdown: an orderly end is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with suppress(KeyboardInterrupt), socket.create_server((host, port), family=family) as listening:
        shown = f"[{host}]" if family is socket.AF_INET6 else host
        address = f"http://{shown}:{listening.getsockname()[1]}"
        _Announcing(_config(options), lambda: announce(address)).run(sockets=[listening])


class _Announcing(uvicorn.Server):
    """Says that it serves when it does: from then on a signal ends it in order."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, and say so."""
        await super().startup(sockets)
        self._announce()


def _config(options: SandboxOptions) -> uvicorn.Config:
    return uvicorn.Config(
        create_sandbox(options),
        http=AbortableHttp,
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )


def announcement(address: str) -> str:
    """One line of JSON, for whoever has started the sandbox as a child."""
    providers: dict[str, Any] = {
        name.value: {"baseUrl": offered.base_url, "credentials": offered.credentials}
        for name, offered in offers(address).items()
    }
    return json.dumps({"address": address, "providers": providers})
