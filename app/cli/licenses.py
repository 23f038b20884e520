"""`playledger licenses`: licences that end."""

import asyncio
import json

import typer
from rich.table import Table

from app.cli.session import checked_services, database
from app.cli.terminal import Json, out, read_settings
from app.clock import iso
from app.config import Settings
from app.models.licensing.compliance import Compliance, EndingTerms
from app.models.wire.music_usage_analytics import EndingTermsShown
from app.services.licensing.licences.expiry import CheckReport

app = typer.Typer(help="Look for licences that end.", no_args_is_help=True)


@app.callback()
def licenses() -> None:
    """Look for licences that end."""


@app.command("check")
def check(as_json: Json = False) -> None:
    """Warn of licences that end, each once, and show them; what the hourly job does."""
    settings = read_settings()
    with database(settings) as uri:
        found, compliance = asyncio.run(_check(settings, uri))
    ending = (*compliance.expired, *compliance.expiring)
    if as_json:
        out.print_json(json.dumps(_to_json(found, ending)))
        return
    if ending:
        out.print(_table(ending))
    mark = "[red]✗[/]" if found.expired else "[green]✓[/]"
    out.print(f"{mark} {found.checked} licences checked: {found.expired} ended, {found.expiring} end within 30 days")


async def _check(settings: Settings, uri: str) -> tuple[CheckReport, Compliance]:
    async with checked_services(settings, uri) as house:
        await house.migrations.up()
        return await house.licensing.license_checks.run(), await house.licensing.compliance.report()


def _table(ending: tuple[EndingTerms, ...]) -> Table:
    table = Table("provider", "tenant", "licence", "ends", "days left", "uses")
    for one in ending:
        made = one.terms
        ends = iso(made.terms.expires_at) if made.terms.expires_at else ""
        table.add_row(
            made.provider.value, made.tenant_id or "everybody", made.terms.type, ends, str(one.days_left), str(one.uses)
        )
    return table


def _to_json(found: CheckReport, ending: tuple[EndingTerms, ...]) -> dict[str, object]:
    shown = [EndingTermsShown.of(one).model_dump(mode="json", by_alias=True) for one in ending]
    return {**found.summary, "licenses": shown}
