"""Which addresses may be called: those of the public internet, unless private ones are allowed."""

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

LONGEST_ADDRESS = 2_048

_NAT64 = IPv6Network("64:ff9b::/96")
_LOCAL_NAMES = ("localhost", "local", "internal", "home.arpa")

Address = IPv4Address | IPv6Address


def address_fault(url: str, *, private_allowed: bool, plain: bool = True) -> str | None:
    """What is wrong with an address that somebody has set, as the end of a sentence; `None` when nothing is.

    A `plain` one is a base that paths are joined to, without a query. Names are not looked up here: what they lead to
    is checked when a connection is made, as it may change.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not an address"
    if not host or parts.scheme not in {"http", "https"}:
        return "must be an http or https address"
    return _form_fault(url, parts, plain=plain) or (None if private_allowed else _private_fault(parts.scheme, host))


def _form_fault(url: str, parts: SplitResult, *, plain: bool) -> str | None:
    if len(url) > LONGEST_ADDRESS or not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>'):
        return f"must have at most {LONGEST_ADDRESS} characters, all of those that stand in an address"
    if "@" in parts.netloc:
        return "must not hold a user or a password"
    if plain and ("?" in url or "#" in url):
        return "must not have a query or a fragment"
    return "must have a port between 1 and 65535" if parts.port == 0 else None


def _private_fault(scheme: str, host: str) -> str | None:
    if scheme != "https":
        return "must be https"
    literal = literal_address(host)
    is_local_name = literal is None and host.rstrip(".").rpartition(".")[2] in _LOCAL_NAMES
    if is_local_name or (literal is not None and not is_public(literal)):
        return "must not be a private address"
    return None


def literal_address(host: str) -> Address | None:
    """The address that a host is in itself, however it is written: `2130706433` and `0x7f.1` are `127.0.0.1`."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def is_public(address: Address) -> bool:
    """Whether it belongs to the public internet, with every address that is wrapped into it."""
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in _with_wrapped(address))


def _with_wrapped(address: Address) -> Iterator[Address]:
    if isinstance(address, IPv4Address):
        yield address
    elif address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)
    else:
        yield address
        yield from (address.teredo or ())
        if address.sixtofour is not None:
            yield address.sixtofour
