"""The viewers of the demo: loaded once, in the past, and counted by the rules that hold for everybody."""

from datetime import timedelta

from app.cli.demo_watching import seed_demo_watching
from app.clock import SystemClock
from app.config import Settings
from app.container.episodes import EpisodesWing
from app.demo.series import seed_demo_series
from app.demo.watching import demo_watching
from app.models.episodes.metrics import ScopeKind
from app.repositories.mongo import Mongo

NOW = SystemClock().now()


def test_views_have_ended_and_stay_within_the_episode() -> None:
    views = list(demo_watching(NOW, 1, 888))
    assert views == list(demo_watching(NOW, 1, 888))
    assert len(views) > 50
    for view in views:
        moments = [view.began_at, *(at for at, _ in view.beats)]
        assert moments == sorted(moments)
        assert NOW - timedelta(days=43) < view.began_at <= view.ended_at < NOW
        assert all(0 < beat.seconds <= 60 and 0 < (beat.position or 0) <= 888 for _, beat in view.beats)


async def test_all_is_counted_as_it_was_made_and_once(mongo: Mongo) -> None:
    wing = EpisodesWing(Settings(_env_file=None), mongo, SystemClock())
    await seed_demo_series(wing.shows, wing.seasons, wing.episodes)
    begun = await seed_demo_watching(wing, NOW)
    assert await seed_demo_watching(wing, NOW) == 0
    rows = await mongo.db["episodes"].find({}).to_list(None)
    made = {row["_id"]: list(demo_watching(NOW, row["_id"], row["duration_seconds"])) for row in rows}
    assert begun == sum(map(len, made.values()))
    for episode, views in made.items():
        metrics = await wing.metrics.of("demo", ScopeKind.EPISODE, episode)
        said = sum(beat.seconds for view in views for _, beat in view.beats)
        assert round(metrics.watched.total_seconds, 3) == round(said, 3)
        assert metrics.watched.view_count == len(views)
        assert metrics.watched.completed == sum(view.completed for view in views)
        assert metrics.unique_viewers == len({view.user_id for view in views})
    await wing.drain()
