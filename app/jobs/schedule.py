"""The whole schedule, on one screen. A job is one line here, and one method of a service."""

from app.container import Container
from app.models.jobs import Job, Summary


def jobs_of(house: Container) -> list[Job]:
    """All jobs; times are UTC."""

    async def finish_removals() -> Summary:
        return {"finished": await house.copyright_free.catalogue.finish_removals()}

    async def reconcile() -> Summary:
        return (await house.copyright_free.reconciliation.run(repair=True)).summary

    async def reconcile_statistics() -> Summary:
        return (await house.stats.reconciliation.run(repair=True)).summary

    async def archive() -> Summary:
        return (await house.stats.archive.run()).summary

    async def reseal_credentials() -> Summary:
        resealed = await house.licensing.setups.reseal()
        return {"resealed": resealed + await house.licensing.webhook_subscriptions.reseal()}

    async def check_licenses() -> Summary:
        return (await house.licensing.license_checks.run()).summary

    async def reconcile_episodes() -> Summary:
        return (await house.episodes.reconciliation.run(repair=True)).summary

    syncs, episodes = house.licensing.syncs, house.episodes
    return [
        # Twice a minute, so that what arrives just after a run is rolled up well within a minute.
        Job("rollups", "Replace the buckets whose events have changed", "*/30 * * * * *", house.stats.rollups.advance),
        Job("close-rollups", "Count exactly what was estimated by day", "40 2 * * *", house.stats.rollups.close),
        Job("finish-removals", "Remove the rows of songs whose removal was cut off", "*/10 * * * *", finish_removals),
        Job("reconcile", "Compare all counters with their rows and repair drift", "30 3 * * *", reconcile),
        Job(
            "reconcile-statistics",
            "Compare counters of tracks and buckets with their events and repair drift",
            "50 3 * * *",
            reconcile_statistics,
        ),
        # Between the rollups of statistics, which have more to do.
        Job(
            "episode-rollups",
            "Replace the buckets whose views have changed",
            "10,40 * * * * *",
            episodes.rollups.advance,
        ),
        Job("series-metrics", "Make the buckets of views of the last days anew", "10 3 * * *", episodes.rollups.remake),
        Job(
            "reconcile-episodes", "Compare viewers and buckets of episodes with views", "10 4 * * *", reconcile_episodes
        ),
        Job("archive", "Move raw events past RAW_EVENT_RETENTION_DAYS into the archive", "30 4 * * *", archive),
        Job("check-licenses", "Warn of licences that end, and say which have ended", "0 * * * *", check_licenses),
        # All three begin at once with what is new; this is for what is tried again, and for what a process left.
        Job("webhook-deliveries", "Tell subscribers", "* * * * *", house.licensing.webhook_dispatcher.advance),
        Job("webhook-receipts", "Follow providers' webhooks", "* * * * *", house.licensing.webhook_inbox.advance),
        Job("downloads", "Ask for addresses of downloads", "* * * * *", house.licensing.download_queue.advance),
        Job("sync-catalogues", "Copy the catalogues of all providers that allow it", "0 2 * * *", syncs.start_nightly),
        Job("resume-syncs", "Go on with syncs whose process is gone", "* * * * *", syncs.resume),
        Job("close-views", "Close views of episodes that have fallen silent", "* * * * *", house.episodes.closing.run),
        Job("reseal-credentials", "Seal credentials with the newest key", "20 1 * * *", reseal_credentials),
    ]
