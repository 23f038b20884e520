"""Which user agents are known bots."""

import re
from functools import cache, lru_cache
from importlib.metadata import version

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from app.models.stats.events import Exclusion, ExclusionKind

LONGEST_USER_AGENT = 512
"""Characters that are kept of a user agent, and looked at: the rules take 0.5 ms for as many, at worst."""

_RULES_OF = "2026-11-21"
RULE_VERSION = f"{_RULES_OF}+crawler-user-agents-{version('crawler-user-agents')}"
"""Changes when a verdict may: with the rules here, and with the list."""

# On the list, but not a bot by itself: what an app, or a server that passes events on, calls itself when nobody gave
# it a name. Android players say `okhttp`. The list's own tag `http-library` is of no use, it has crawlers in it too.
_LIBRARIES = frozenset(
    {
        "Python-urllib",
        "python-requests",
        "aiohttp",
        "httpx",
        "libwww-perl",
        "Go-http-client",
        "okhttp",
        "AHC\\/",
        "^Apache-HttpClient",
        "Jetty",
        "axios",
        "Amazon CloudFront",
        "HttpUrlConnection",
        "AnyEvent",
        "^curl",
        "^PHP-Curl-Class",
        "node-fetch",
        "sindresorhus\\/got",
        "CustomAsyncHttpClient",
        "^HTTPie\\/",
        "[wW]get",
    }
)
# As many alternatives at a time as the list's own package tries; one expression of all is four times slower.
_AT_A_TIME = 25
_LONGEST_NAME = 64


def verdict_of_user_agent(user_agent: str) -> Exclusion | None:
    """The objection to a user agent, if there is one; nothing is held against saying none at all."""
    # Cut before it is remembered, so that nobody fills the memory with long ones.
    return _judge(user_agent[:LONGEST_USER_AGENT])


@lru_cache(maxsize=10_000)
def _judge(user_agent: str) -> Exclusion | None:
    for patterns in _patterns():
        found = patterns.search(user_agent)
        if found is not None:
            name = found[0].strip(" /;(")[:_LONGEST_NAME]
            return Exclusion(ExclusionKind.BOT, f"user_agent: {name}", RULE_VERSION)
    return None


@cache
def _patterns() -> list[re.Pattern[str]]:
    """The list, compiled when it is first needed: that takes 16 ms."""
    listed = [str(one["pattern"]) for one in CRAWLER_USER_AGENTS_DATA if one["pattern"] not in _LIBRARIES]
    chunks = [listed[start : start + _AT_A_TIME] for start in range(0, len(listed), _AT_A_TIME)]
    return [re.compile("|".join(chunk)) for chunk in chunks]
