"""Every number that `/metrics` shows, named in one place."""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)

REQUESTS = Counter("playledger_http_requests_total", "HTTP requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("playledger_http_request_seconds", "Time to answer a request.", ["route"], buckets=_FAST)

GROUP_SIZE = Histogram("playledger_group_size", "Items committed together.", ["engine"], buckets=_SIZES)
GROUP_COMMIT_SECONDS = Histogram("playledger_group_commit_seconds", "Time of one commit.", ["engine"], buckets=_FAST)
GROUP_QUEUE_DEPTH = Gauge(
    "playledger_group_queue_depth", "Items that wait for a commit.", ["engine"], multiprocess_mode="livesum"
)
GROUP_RETRIES = Counter(
    "playledger_group_retries_total", "Commits tried again, by reason (conflict, unknown, away).", ["engine", "reason"]
)
GROUP_REFUSED = Counter(
    "playledger_group_refused_total", "Items not committed, by reason (full, late, poison).", ["engine", "reason"]
)
ABANDONED_TRANSACTIONS = Counter(
    "playledger_abandoned_transactions_total", "Transactions of killed processes that were in the way and were ended."
)

VIEWS = Counter("playledger_views_total", "View reports by outcome (new, repeat, refused).", ["outcome"])
STATS_EVENTS = Counter("playledger_stats_events_total", "Statistics events by outcome.", ["outcome"])
EPISODE_REPORTS = Counter(
    "playledger_episode_reports_total",
    "Starts, beats and completions of views of episodes that were written.",
    ["kind"],
)
EPISODE_TRIMS = Counter(
    "playledger_episode_trims_total",
    "Reports of which less was counted than was said, by reason (range, since_last, since_start).",
    ["reason"],
)
RATE_LIMITED = Counter("playledger_rate_limited_total", "Calls refused by a rate limit.", ["limit"])
DRIFT = Gauge(
    "playledger_drift",
    "Stored counters minus rows, summed without sign; zero is the promise.",
    ["counter"],
    multiprocess_mode="mostrecent",
)
STATS_DRIFT = Gauge(
    "playledger_stats_drift",
    "Counters of tracks minus events, summed without sign; buckets that differ from a recount. Zero is the promise.",
    ["counter"],
    multiprocess_mode="mostrecent",
)
EPISODE_DRIFT = Gauge(
    "playledger_episode_drift",
    "Viewers of episodes minus rows, summed without sign; buckets that differ from a recount. Zero is the promise.",
    ["counter"],
    multiprocess_mode="mostrecent",
)

SOCKETS = Gauge("playledger_sockets", "Open Socket.IO connections.", multiprocess_mode="livesum")
SUBSCRIPTIONS = Gauge("playledger_subscriptions", "Rooms joined by open connections.", multiprocess_mode="livesum")
EMITS = Counter("playledger_emits_total", "Updates emitted to a room.", ["event"])
SOCKETS_CUT_OFF = Counter("playledger_sockets_cut_off_total", "Connections ended by us, by reason.", ["reason"])

JOB_RUNS = Counter("playledger_job_runs_total", "Runs of scheduled jobs by outcome.", ["job", "outcome"])
JOB_SECONDS = Histogram("playledger_job_seconds", "Time of one run of a job.", ["job"])

PROVIDER_CALLS = Counter(
    "playledger_provider_calls_total",
    "Calls to music providers by outcome (ok, or how it failed).",
    ["provider", "outcome"],
)
PROVIDER_CALL_SECONDS = Histogram(
    "playledger_provider_call_seconds", "Time of one call to a music provider.", ["provider"], buckets=_FAST
)
PROVIDER_CALLS_REFUSED = Counter(
    "playledger_provider_calls_refused_total",
    "Calls that we did not make, by reason (quota, breaker).",
    ["provider", "reason"],
)
PROVIDER_BREAKER_OPEN = Gauge(
    "playledger_provider_breaker_open",
    "Processes whose breaker keeps calls from a provider.",
    ["provider"],
    multiprocess_mode="livesum",
)

WEBHOOKS_RECEIVED = Counter(
    "playledger_webhooks_received_total",
    "Signed webhooks of music providers, by outcome (new, repeat).",
    ["provider", "outcome"],
)
WEBHOOK_DELIVERIES = Counter(
    "playledger_webhook_deliveries_total",
    "Attempts to deliver to subscribers by outcome (delivered, retried, failed).",
    ["outcome"],
)
TRACK_DOWNLOADS = Counter(
    "playledger_track_downloads_total", "Download addresses that were asked for, by outcome.", ["provider", "outcome"]
)

SYNCED_TRACKS = Counter("playledger_synced_tracks_total", "Tracks of syncs by outcome.", ["provider", "outcome"])
SYNC_JOBS = Counter("playledger_sync_jobs_total", "Syncs that ended, by how.", ["provider", "outcome"])

JWKS_FETCHES = Counter("playledger_jwks_fetches_total", "Fetches of the token issuer's keys by outcome.", ["outcome"])

ARCHIVED_EVENTS = Counter("playledger_archived_events_total", "Raw events that left the database for the archive.")
ARCHIVE_FAULTS = Counter("playledger_archive_faults_total", "Archived files that did not hold what they should.")

LICENSING_CACHE = Counter(
    "playledger_licensing_cache_total",
    "Requests for kept answers of providers by outcome (hits, misses, stale; coalesced are misses that shared a call).",
    ["provider", "kind", "outcome"],
)

MUSIC_USES = Counter("playledger_music_uses_total", "Uses of licensed tracks by outcome.", ["outcome"])
LICENSE_WARNINGS = Counter(
    "playledger_license_warnings_total", "Licences that end within so many days (0: that have ended).", ["days"]
)
LICENSES_EXPIRED = Gauge(
    "playledger_licenses_expired", "Terms in force whose licence has ended.", multiprocess_mode="mostrecent"
)


def render() -> bytes:
    """All metrics as text; with several worker processes the sum over them."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
