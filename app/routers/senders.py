"""Who sends events: anyone, within `STATS_RATE_LIMIT`."""

from typing import Annotated

from fastapi import Depends, Request

from app.models.stats.events import Sender
from app.routers.dependencies import Guest, House
from app.routers.proxies import came_through_trusted_proxy
from app.routers.rate_limits import spend
from app.services.stats.addresses import customer, read_address

_LONGEST_HOST = 64


async def _sender(request: Request, guest: Guest, house: House) -> Sender:
    """The sender of a request, counted against the limit: by user, or by address when there is no token."""
    host = request.client.host if request.client else None
    who = _address_counted(host) if guest is None else f"user {guest.user_id}"
    await spend(house.limiter, house.stats_limit, "stats", who, request)
    # A client could say any country; that of a proxy which we trust is its own.
    country = request.headers.get(house.settings.country_header) if came_through_trusted_proxy(request.scope) else None
    user_agent = request.headers.get("user-agent", "")
    return house.stats.senders.identify(guest.user_id if guest else None, host, user_agent, country)


def _address_counted(host: str | None) -> str:
    address = read_address(host)
    return f"address {customer(address) if address else (host or '')[:_LONGEST_HOST]}"


StatsSender = Annotated[Sender, Depends(_sender)]
"""Anyone; who sends a token must send a good one; 429 when `STATS_RATE_LIMIT` is used up."""
