"""`playledger sandbox`: all music providers on this machine, over generated tracks."""

import json
from typing import Annotated

import typer

from app.cli.terminal import Json, fail, out, read_settings, refuse_usage
from app.models.licensing.providers import ProviderName
from app.sandbox.process import Offered, ProductionRefused, announcement, offers, serve
from app.sandbox.world import SandboxOptions

_ROUTE = "/api/admin/music-licensing/providers"
_USUAL = SandboxOptions()


def sandbox(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for any that is free.")] = 8600,
    tracks: Annotated[int, typer.Option(min=1, max=200_000, help="Tracks of each provider.")] = _USUAL.tracks,
    seed: Annotated[
        int, typer.Option(help="What the tracks are made from; the same seed gives the same.")
    ] = _USUAL.seed,
    latency_ms: Annotated[float, typer.Option(min=0, help="How long every answer takes at least.")] = 0.0,
    as_json: Json = False,
) -> None:
    """Serve stand-ins for all music providers, with faults on demand, until SIGTERM or Ctrl-C. Never in production."""
    if read_settings().is_production:
        refuse_usage(str(ProductionRefused()))
    options = SandboxOptions(tracks, seed, latency_ms)
    try:
        serve(host, port, options, _tell_machines if as_json else lambda address: _greet(address, options))
    except OSError as error:
        fail(
            f"Cannot listen on port {port} of {host}: {error.strerror or error}. Choose others with --host and --port."
        )


def _tell_machines(address: str) -> None:
    typer.echo(announcement(address))


def _greet(address: str, options: SandboxOptions) -> None:
    offered = offers(address)
    out.print(f"\n[bold]Sandbox[/] on {address}, {options.tracks:,} tracks of each provider\n", highlight=False)
    for name, one in offered.items():
        out.print(f"  {name.value:<16}  {one.base_url}", highlight=False)
        out.print(f"  {'':<16}  {_shown(one.credentials)}", highlight=False)
    out.print("\nTo let Playledger ask it, set a provider up as an admin, such as:\n")
    typer.echo(_example(offered[ProviderName.SOUNDSTRIPE]))
    out.print(f"\nFaults, limits and what was called: {address}/control. End with Ctrl-C.\n", highlight=False)


def _shown(credentials: dict[str, str]) -> str:
    return "  ".join(f"{name}={value}" for name, value in credentials.items()) or "(no credentials)"


def _example(one: Offered) -> str:
    body = {"enabled": True, "baseUrl": one.base_url, "credentials": one.credentials}
    return (
        f"  curl -X PUT http://127.0.0.1:8000{_ROUTE}/{ProviderName.SOUNDSTRIPE.value} \\\n"
        "    -H 'Authorization: Bearer <token of an admin>' -H 'Content-Type: application/json' \\\n"
        f"    -d '{json.dumps(body)}'"
    )
