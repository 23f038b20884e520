"""Writes a database in MaxMind's format (its specification is public, version 2.0), large enough for tests."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

_MAP, _TEXT, _UINT16, _UINT32 = 7, 2, 5, 6
_MARKER = b"\xab\xcd\xefMaxMind.com"
_GAP = 16

Tree = list[list["int | bytes | None"]]


def write_countries(path: Path, countries: dict[str, object], version: int = 6) -> Path:
    """A file that knows the country records of these networks."""
    tree: Tree = [[None, None]]
    for network, record in countries.items():
        _insert(tree, _bits(network, version), _encoded(record))
    path.write_bytes(_search_tree(tree) + _MARKER + _metadata(len(tree), version))
    return path


def _bits(network: str, version: int) -> str:
    parsed = IPv6Network(network) if ":" in network else IPv4Network(network)
    bits = f"{int(parsed.network_address):0{parsed.max_prefixlen}b}"[: parsed.prefixlen]
    return "0" * 96 + bits if version == 6 and parsed.version == 4 else bits


def _insert(tree: Tree, bits: str, data: bytes) -> None:
    node = 0
    for bit in bits[:-1]:
        child = tree[node][int(bit)]
        if child is None:
            tree.append([None, None])
            child = tree[node][int(bit)] = len(tree) - 1
        assert isinstance(child, int)
        node = child
    tree[node][int(bits[-1])] = data


def _search_tree(tree: Tree) -> bytes:
    records, section = b"", b""
    for child in (child for node in tree for child in node):
        value = len(tree) if child is None else child
        if isinstance(value, bytes):
            value, section = len(tree) + _GAP + len(section), section + value
        records += value.to_bytes(3, "big")
    return records + bytes(_GAP) + section


def _metadata(nodes: int, version: int) -> bytes:
    fields = {
        "binary_format_major_version": (2).to_bytes(1, "big"),
        "binary_format_minor_version": b"",
        "ip_version": version.to_bytes(1, "big"),
        "record_size": (24).to_bytes(1, "big"),
    }
    entries = b"".join(_encoded(name) + _control(_UINT16, len(value)) + value for name, value in fields.items())
    count = _control(_UINT32, 4) + nodes.to_bytes(4, "big")
    epoch = bytes([1, 2]) + b"\1"  # an extended type: 64 bits, of one byte
    languages = bytes([0, 4])  # an extended type: an empty array
    return (
        _control(_MAP, 9)
        + entries
        + _encoded("node_count")
        + count
        + _encoded("build_epoch")
        + epoch
        + _encoded("languages")
        + languages
        + _encoded("database_type")
        + _encoded("Test-Country")
        + _encoded("description")
        + _encoded({})
    )


def _encoded(value: object) -> bytes:
    if isinstance(value, dict):
        return _control(_MAP, len(value)) + b"".join(_encoded(key) + _encoded(one) for key, one in value.items())
    text = str(value).encode()
    return _control(_TEXT, len(text)) + text


def _control(kind: int, size: int) -> bytes:
    assert size < 29
    return bytes([kind << 5 | size])
