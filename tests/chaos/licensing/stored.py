"""All that lies in a database as texts, also what lies there packed."""

import json
import zlib
from collections.abc import Iterator
from typing import Any

import pymongo

RAW = "raw"
"""Under this name lies what a provider said of a licence, word for word: it is evidence, and used for nothing else."""


def stored_texts(mongodb_uri: str, database: str, but: str | None = None) -> dict[str, str]:
    """The text of each collection; without what lies under the name `but`."""
    with pymongo.MongoClient[dict[str, Any]](mongodb_uri) as client:
        found = client[database]
        names = found.list_collection_names()
        return {name: "\n".join(_texts(list(found[name].find({})), but)) for name in names}


def _texts(value: Any, but: str | None) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key != but:
                yield str(key)
                yield from _texts(one, but)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, but)
    elif isinstance(value, bytes):
        yield from _unpacked(value, but)
    else:
        yield str(value)


def _unpacked(value: bytes, but: str | None) -> Iterator[str]:
    try:
        yield from _texts(json.loads(zlib.decompress(value)), but)
    except (zlib.error, ValueError):
        yield value.decode("utf-8", "replace")
