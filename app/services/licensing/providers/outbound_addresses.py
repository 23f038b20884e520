"""Where a call goes: the address that an admin has set, and never one that a provider has sent."""

import httpx

from app.models.licensing.provider_calls import CallFault
from app.models.licensing.providers import ProviderSetup
from app.services.licensing.access.public_addresses import address_fault
from app.services.licensing.ports import Call
from app.services.licensing.providers.outbound_failures import CallFailed

_REDIRECTS = (301, 302, 303, 307, 308)


def address_of(setup: ProviderSetup, call: Call, *, private_allowed: bool) -> httpx.URL:
    """The address of a call.

    Raises:
        CallFailed: it is none, or none that may be called.
    """
    base = call.url or setup.base_url
    fault = address_fault(base, private_allowed=private_allowed, plain=call.url is None)
    if fault is not None:
        raise CallFailed(setup, CallFault.BROKEN, f"has an address that {fault}", is_final=True)
    joined = f"{base.rstrip('/')}/{call.path.lstrip('/')}" if call.path else base
    try:
        return httpx.URL(joined).copy_merge_params(list(call.params))
    except (httpx.InvalidURL, ValueError):
        raise CallFailed(setup, CallFault.BROKEN, "cannot be asked for this", is_final=True) from None


def redirected_to(setup: ProviderSetup, call: Call, asked: httpx.URL, status: int, location: str) -> httpx.URL | None:
    """Where an answer sends a call; `None` when it is no redirect.

    Raises:
        CallFailed: it leads to another scheme, host or port, or would repeat a call that is not safe.
    """
    if status not in _REDIRECTS:
        return None
    try:
        target = asked.join(location)
    except (httpx.InvalidURL, ValueError):
        target = None
    if target is None or call.method != "GET" or _origin(target) != _origin(asked) or target.userinfo:
        raise CallFailed(setup, CallFault.REDIRECT, status=status)
    return target


_PORTS = {"http": 80, "https": 443}


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme)
