"""The whole schedule, on one screen. A job is one line here, and one method of a service."""

from app.container import Container
from app.models.jobs import Job, Summary


def jobs_of(house: Container) -> list[Job]:
    """All jobs; times are UTC."""

    async def finish_removals() -> Summary:
        return {"finished": await house.catalogue.finish_removals()}

    async def reconcile() -> Summary:
        return (await house.reconciliation.run(repair=True)).summary

    return [
        Job("finish-removals", "Remove the rows of songs whose removal was cut off", "*/10 * * * *", finish_removals),
        Job("reconcile", "Compare all counters with their rows and repair drift", "30 3 * * *", reconcile),
    ]
