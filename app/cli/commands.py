"""Every command, by name."""

import typer

from app.cli import (
    archive,
    catalogue,
    jobs,
    licenses,
    migrate,
    privacy,
    sandbox,
    serve,
    stats,
    stats_rescore,
    sync,
    token,
)

app = typer.Typer(
    name="playledger",
    help="Counts plays exactly once: views, play events, licences and watch time, live.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command("serve")(serve.serve)
app.add_typer(migrate.app, name="migrate")
app.command("seed-demo")(catalogue.seed)
app.command("token")(token.mint)
app.command("reconcile")(catalogue.reconcile)
app.command("rollup")(stats.rollup)
app.command("archive")(archive.archive)
app.command("sync")(sync.sync)
app.command("sandbox")(sandbox.sandbox)
app.add_typer(licenses.app, name="licenses")
app.add_typer(stats_rescore.app, name="stats")
app.add_typer(jobs.app, name="jobs")
app.add_typer(privacy.app, name="privacy")
