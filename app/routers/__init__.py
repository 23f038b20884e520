"""HTTP: verbs, statuses, headers, query parameters."""

from app.routers import admin_copyright_free, admin_jobs, copyright_free, me, openapi, operations

ROUTERS = (
    copyright_free.router,
    me.router,
    admin_copyright_free.router,
    admin_jobs.router,
    operations.router,
    openapi.router,
)
"""Every route there is, in the order of the documentation."""
