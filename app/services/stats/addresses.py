"""Internet addresses: read out of what a server or a proxy says, and made less telling before they are kept."""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Literal

Address = IPv4Address | IPv6Address
Anonymization = Literal["truncate", "drop", "none"]

_HOST_BITS = {4: 32 - 24, 6: 128 - 48}


def read_address(host: str | None) -> Address | None:
    """The address, if it is one: an IPv4 address in IPv6 clothes is taken as what it is, a zone is left out."""
    try:
        address = ip_address((host or "").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def truncated(address: Address) -> Address:
    """The address without what tells one household from its neighbours: an IPv4 /24, an IPv6 /48."""
    bits = _HOST_BITS[address.version]
    return type(address)(int(address) >> bits << bits)


def customer(address: Address) -> str:
    """Whom to count calls of this address for: whoever has one IPv6 address has the other 2^64 of its /64 as well."""
    return str(address) if address.version == 4 else str(IPv6Address(int(address) >> 64 << 64))  # noqa: PLR2004


def anonymizer(how: Anonymization) -> Callable[[Address], str | None]:
    """What is kept of an address under `IP_ANONYMIZATION`."""
    return _ANONYMIZERS[how]


_ANONYMIZERS: Mapping[str, Callable[[Address], str | None]] = {
    "truncate": lambda address: str(truncated(address)),
    "drop": lambda _address: None,
    "none": str,
}
