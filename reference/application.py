"""What the application says of itself, without a database behind it."""

import asyncio
from typing import Any

import httpx

from app.clock import SystemClock
from app.config import load_settings
from app.main import assemble

# Nothing is connected before the lifespan begins, and here nobody begins it.
_NOWHERE = "mongodb://127.0.0.1:1/?replicaSet=nowhere"


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of the whole application, as it is served."""
    return asyncio.run(_ask("/openapi.json"))


async def _ask(path: str) -> dict[str, Any]:
    settings = load_settings(_env_file=None, mongodb_uri=_NOWHERE, jwt_secret="x" * 40, log_level="error")
    transport = httpx.ASGITransport(app=assemble(settings, SystemClock()))
    async with httpx.AsyncClient(transport=transport, base_url="http://reference") as client:
        answer = await client.get(path)
    document: dict[str, Any] = answer.raise_for_status().json()
    return document
