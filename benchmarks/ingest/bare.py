"""The base: `insert_many` of the same rows, by one client, into collections with the same indexes, and nothing else."""

import time

import pymongo
from pymongo import IndexModel
from pymongo.errors import PyMongoError

from app.repositories.mongo import ThreadDatabase
from app.repositories.stats_tallies import RAW_COLLECTIONS
from benchmarks.ingest.bodies import Batches
from benchmarks.load import Slice

PREFIX = "bare_"


def create_collections(db: ThreadDatabase) -> None:
    """With the indexes that the service's own have."""
    for name in RAW_COLLECTIONS.values():
        indexes = [dict(one) for one in db[name].list_indexes() if one["name"] != "_id_"]
        models = [IndexModel(list(one.pop("key").items()), **_options(one)) for one in indexes]
        db[f"{PREFIX}{name}"].create_indexes(models)


def _options(index: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in index.items() if name not in {"v", "ns"}}


class BareInserts:
    """A client with the write concern of the service: majority, journaled."""

    def __init__(self, uri: str, database: str) -> None:
        self._client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(
            uri, w="majority", journal=True, tz_aware=True
        )
        self._db = self._client[database]

    def run(self, batches: Batches, run_up: float, seconds: float) -> Slice:
        """Insert batch after batch; what is done in the run-up is not measured."""
        seen = Slice(seconds)
        measure_at = time.perf_counter() + run_up
        end_at = measure_at + seconds
        while (began := time.perf_counter()) < end_at:
            kind, rows = batches.rows()
            try:
                self._db[f"{PREFIX}{RAW_COLLECTIONS[kind]}"].insert_many(rows, ordered=False)
            except PyMongoError as error:
                seen.failed += 1
                seen.first_fault = seen.first_fault or str(error)[:200]
                continue
            now = time.perf_counter()
            seen.acknowledged += 1
            if measure_at <= now < end_at:
                seen.latencies.append(now - began)
        return seen

    def close(self) -> None:
        """End its connections."""
        self._client.close()
