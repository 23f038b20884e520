"""What `playledger reconcile` shows of the episodes."""

from app.cli.terminal import out
from app.models.episodes.drift import EpisodeDriftReport, NumberDrift

_SHOWN = 20


def show_episode_drift(report: EpisodeDriftReport) -> None:
    """Print what a comparison of viewers and buckets with views found."""
    mark = "[green]✓[/]" if report.drift == 0 and report.drifting_buckets == 0 else "[red]✗[/]"
    out.print(f"{mark} {report.audiences} audiences of episodes compared, drift {report.drift}")
    out.print(f"  {report.buckets} buckets compared, {report.drifting_buckets} differ")
    for one in (*report.found_in_audiences, *report.found_in_buckets)[:_SHOWN]:
        out.print(f"  {one.key} {one.field}: stored {one.stored}, counted {one.counted}")


def episode_drift_json(report: EpisodeDriftReport) -> dict[str, object]:
    """The same for machines."""
    return {
        "audiences": report.audiences,
        "drift": report.drift,
        "buckets": report.buckets,
        "driftingBuckets": report.drifting_buckets,
        "repaired": report.is_repaired,
        "found": [_to_json(one) for one in (*report.found_in_audiences, *report.found_in_buckets)],
    }


def _to_json(one: NumberDrift) -> dict[str, object]:
    return {"key": one.key, "field": one.field, "stored": one.stored, "counted": one.counted}
