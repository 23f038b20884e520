"""The keys of `event_keys`: what an event id becomes, so that it can be remembered for little and found quickly."""

import re
from hashlib import blake2b

_HASH_BYTES = 16
# Version 7 of RFC 9562: the first 48 bits are the millisecond in which the id was made.
_TIME_ORDERED = re.compile(r"([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def key_of(event_id: str) -> bytes:
    """16 bytes of a hash of the id; behind the time that is in it, if it is a UUID of version 7.

    Hashes fall everywhere in an index, so that with millions of keys each batch changes thousands of its pages, which
    every checkpoint has to write anew. Ids that begin with their time are of the moment, and change the same few pages.
    """
    digest = blake2b(event_id.encode(), digest_size=_HASH_BYTES).digest()
    time_ordered = _TIME_ORDERED.fullmatch(event_id)
    return digest if time_ordered is None else bytes.fromhex(time_ordered[1] + time_ordered[2]) + digest
