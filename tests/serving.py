"""Serves the whole app on a real port, in the loop of the tests."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import uvicorn
from starlette.types import ASGIApp

from app.cli.http_protocol import BoundedHttp
from app.cli.server import DrainingServer
from app.clock import SystemClock
from app.config import Settings
from app.models.identity import Role
from app.services.identity.minting import mint_token

SECRET = "a-secret-for-tests-that-is-long-enough-to-be-taken"


def settings_for(mongodb_uri: str, database: str, **changes: object) -> Settings:
    """Settings that do not depend on the environment of whoever runs the tests."""
    given = {"mongodb_uri": mongodb_uri, "mongodb_database": database, "jwt_secret": SECRET, "log_level": "error"}
    return Settings(_env_file=None, **(given | changes))


class ShiftedClock(SystemClock):
    """The time it was, or will be."""

    def __init__(self, shift: timedelta) -> None:
        self._shift = shift

    def now(self) -> datetime:
        return super().now() + self._shift


def token(
    user: str, *roles: Role, minted: timedelta = timedelta(0), secret: str = SECRET, tenants: Sequence[str] = ()
) -> str:
    """A token of a day, minted now or at another time: the whole of a run on a slow machine takes over an hour."""
    clock, day = ShiftedClock(minted), timedelta(days=1)
    return mint_token(secret, user_id=user, clock=clock, lifetime=day, roles=roles, tenants=tenants)


def bearer(user: str, *roles: Role) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(user, *roles)}"}


def member(user: str, tenant: str, *roles: Role) -> dict[str, str]:
    """The headers of a member of a tenant."""
    return {"Authorization": f"Bearer {token(user, *roles, tenants=[tenant])}", "X-Tenant-Id": tenant}


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """The address of the app while it is served, and an orderly end."""
    config = uvicorn.Config(
        app,
        port=0,
        log_config=None,
        access_log=False,
        ws="websockets-sansio",
        http=BoundedHttp,
        lifespan="on",
        proxy_headers=False,
        # A test may be busy with something else for longer than the usual 5 s, and then ask on a closed connection.
        timeout_keep_alive=75,
    )
    server = DrainingServer(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    assert server.started, "the app did not start"
    serving = asyncio.create_task(server.main_loop())
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving
        await server.shutdown()
