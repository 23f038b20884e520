"""A TCP port on the loopback address for a server that nobody has to find."""

import secrets
import socket
from contextlib import closing

HOST = "127.0.0.1"
# Below 32768, where Linux begins to give ports to outgoing connections: one of those on our port during the third of
# a second in which a killed mongod is started again would keep it from coming back under its old address.
FIRST, LAST = 20000, 32000


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        # As mongod does: connections of the last server that are winding down do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def is_listening(port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def any_port() -> int:
    """A port at random, perhaps taken: many servers may start at once, so each begins elsewhere."""
    return FIRST + secrets.randbelow(LAST - FIRST)
