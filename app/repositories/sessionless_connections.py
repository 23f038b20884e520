"""Gets rid of connections that the driver takes for ones without sessions, and would use for ever.

A connection that is made while its member of the replica set is neither primary nor secondary (it starts, steps down,
or wakes up from having been stopped) is remembered as one that knows no sessions, whatever the member becomes later.
Transactions and snapshots cannot run on it, and the driver uses the latest connection first.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, ConfigurationError

_SENTENCE = "Sessions are not supported"


class SessionlessConnection(AutoReconnect):
    """The connection was of no use, and is gone; the next is made anew."""


@contextmanager
def usable_sessions(client: MongoClient[dict[str, Any]]) -> Iterator[None]:
    """Within this, operations in sessions meet such a connection once at most.

    Raises:
        SessionlessConnection: one was met; what was committed before is committed.
    """
    try:
        yield
    except ConfigurationError as error:
        if _SENTENCE not in str(error):
            raise
        _drop_connections(client)
        raise SessionlessConnection("The server was changing its role when it was connected to") from error


def _drop_connections(client: MongoClient[dict[str, Any]]) -> None:
    """Close what is idle, and let everything else be closed when it comes back.

    The driver has no public way to do so. Its list may change while it is read, when a member comes or goes.
    """
    for server in tuple(client._topology._servers.values()):  # noqa: SLF001
        server.pool.reset_without_pause()
