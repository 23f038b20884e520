"""HTTP: verbs, statuses, headers, query parameters."""

from app.routers import (
    admin_artists,
    admin_copyright_free,
    admin_jobs,
    admin_stats,
    admin_tracks,
    copyright_free,
    dashboard,
    live_listeners,
    me,
    openapi,
    operations,
    playlists,
    privacy,
    stats_analytics,
    stats_events,
)

ROUTERS = (
    copyright_free.router,
    stats_events.router,
    stats_analytics.router,
    dashboard.router,
    live_listeners.router,
    playlists.router,
    me.router,
    privacy.router,
    admin_copyright_free.router,
    admin_artists.router,
    admin_tracks.router,
    admin_jobs.router,
    admin_stats.router,
    operations.router,
    openapi.router,
)
"""Every route there is, in the order of the documentation."""
