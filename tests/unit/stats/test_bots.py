"""Bot rules: known user agents, and sessions that play more than a person can."""

from datetime import UTC, datetime, timedelta

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from app.models.stats.events import EventType, ExclusionKind, Sender, StatsEvent
from app.services.stats.bots import BotRules, verdict_of_user_agent
from app.services.stats.user_agents import _LIBRARIES
from app.services.stats.velocity import Minute, RecentPlays

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
PEOPLE = {
    "Chrome": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
    "Safari/537.36",
    "Safari": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1",
    "Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "a telephone called CUBOT": "Mozilla/5.0 (Linux; Android 10; CUBOT_X18) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/119.0.0.0 Mobile Safari/537.36",
    "an Android player": "okhttp/4.12.0",
    "an iOS player": "Player/3 CFNetwork/1490 Darwin/23.2.0",
    "a server that passes events on": "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "a script of an integrator": "python-httpx/0.28.1",
    "somebody who says nothing": "",
}


def sender(user_agent: str = "") -> Sender:
    return Sender(None, None, user_agent, None)


def event(index: int, *, session: str = "s", at: datetime = NOON, kind: EventType = EventType.PLAY) -> StatsEvent:
    return StatsEvent(index, f"e{index}", kind, "t", session, at, is_clamped=False, fingerprint=index)


@pytest.mark.parametrize("user_agent", PEOPLE.values(), ids=PEOPLE)
def test_people_are_no_bots(user_agent: str) -> None:
    assert verdict_of_user_agent(user_agent) is None


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (GOOGLEBOT, "Googlebot"),
        ("facebookexternalhit/1.1", "facebookexternalhit"),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/130.0.0.0 Safari/537.36", "HeadlessChrome"),
        ("Scrapy/2.11 (+https://scrapy.org)", "Scrapy"),
    ],
)
def test_a_known_bot_is_named(user_agent: str, name: str) -> None:
    verdict = verdict_of_user_agent(user_agent)
    assert verdict is not None
    assert (verdict.kind, verdict.reason) == (ExclusionKind.BOT, f"user_agent: {name}")
    assert verdict.rule_version == BotRules.version


def test_every_example_of_the_list_is_found() -> None:
    listed = [one for one in CRAWLER_USER_AGENTS_DATA if one["pattern"] not in _LIBRARIES]
    examples = [example for one in listed for example in one["instances"] if len(example) <= 512]
    missed = [example for example in examples if verdict_of_user_agent(example) is None]
    assert len(examples) > 1000
    assert missed == []


def test_libraries_are_on_the_list() -> None:
    assert {str(one["pattern"]) for one in CRAWLER_USER_AGENTS_DATA} >= _LIBRARIES


def test_only_what_is_kept_of_a_user_agent_is_looked_at() -> None:
    assert verdict_of_user_agent("x" * 512 + GOOGLEBOT) is None


def test_the_version_names_the_list() -> None:
    assert "+crawler-user-agents-" in BotRules.version


def test_all_events_of_a_bot_are_excluded() -> None:
    verdicts = BotRules(100).judge([event(3), event(5, kind=EventType.LIKE)], sender(GOOGLEBOT))
    assert {index: verdict.reason for index, verdict in verdicts.items()} == {
        3: "user_agent: Googlebot",
        5: "user_agent: Googlebot",
    }


def test_as_many_plays_as_the_limit_are_a_persons() -> None:
    assert BotRules(3).judge([event(index) for index in range(3)], sender()) == {}


def test_more_plays_in_a_minute_are_no_persons() -> None:
    rules = BotRules(3)
    verdicts = rules.judge([event(index, at=NOON + timedelta(seconds=index)) for index in range(4)], sender())
    assert set(verdicts) == {0, 1, 2, 3}
    assert verdicts[0].reason == "velocity: more than 3 plays a minute"
    assert rules.plays_per_minute == 3


def test_plays_of_several_requests_add_up() -> None:
    rules = BotRules(3)
    assert rules.judge([event(0), event(1)], sender()) == {}
    assert set(rules.judge([event(2), event(3)], sender())) == {2, 3}


def test_a_request_that_is_made_again_counts_once() -> None:
    rules = BotRules(3)
    for _ in range(5):
        assert rules.judge([event(0), event(1), event(2)], sender()) == {}


def test_minutes_sessions_and_types_are_told_apart() -> None:
    events = [
        *(event(index, at=NOON + timedelta(minutes=index)) for index in range(10)),
        *(event(10 + index, session=f"s{index}") for index in range(10)),
        *(event(20 + index, kind=EventType.DOWNLOAD) for index in range(10)),
    ]
    assert BotRules(3).judge(events, sender()) == {}


def test_what_is_remembered_is_bounded() -> None:
    recent = RecentPlays(limit=2, most_kept=100)
    for number in range(1_000):
        for play in range(5):
            recent.add(Minute(f"s{number}", 0), f"{number}-{play}")
    assert recent._kept <= 100
    assert recent._kept == sum(len(plays) for plays in recent._minutes.values())
    assert recent.are_too_many(Minute("s999", 0))
    assert not recent.are_too_many(Minute("s0", 0))


def test_the_session_in_use_is_not_forgotten() -> None:
    recent = RecentPlays(limit=2, most_kept=10)
    for number in range(100):
        recent.add(Minute("busy", 0), f"play {number}")
        recent.add(Minute(f"other {number}", 0), "play")
    assert recent.are_too_many(Minute("busy", 0))
