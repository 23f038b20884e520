"""`playledger privacy`: a copy of what is stored about a user, and its erasure."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, TypeVar

import typer
from rich.table import Table

from app.cli.counting import counting
from app.cli.session import checked_services, database
from app.cli.terminal import Json, fail, out, read_settings
from app.config import Settings
from app.container import Container
from app.models.privacy import ErasureReceipt
from app.models.wire.privacy import Erased, written_copy

T = TypeVar("T")

User = Annotated[str, typer.Argument(help="The user id: the `sub` of the user's tokens.")]

app = typer.Typer(help="Give a user a copy of their data, or erase it.", no_args_is_help=True)


@app.command()
def export(
    user: User,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write; standard output if not given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Only the copy, which is JSON, and no progress.")] = False,
) -> None:
    """Write everything that is stored about a user as JSON."""
    try:
        written = _run(lambda house: _export(house, user, output, quiet=as_json))
    except OSError as error:
        fail(f"Cannot write {output}: {error.strerror or error}")
    if output is not None and not as_json:
        out.print(f"[green]✓[/] {written} bytes written to {output}", highlight=False)


@app.command()
def erase(
    user: User,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Erase what is stored about a user, and correct everything that it counted. It cannot be taken back."""
    if not yes:
        typer.confirm(f"Erase everything that is stored about {user!r}?", abort=True, err=True)
    receipt: ErasureReceipt = _run(lambda house: _erase(house, user, quiet=as_json))
    if as_json:
        out.print_json(Erased.of(receipt).model_dump_json(by_alias=True))
    else:
        _show(receipt)


async def _export(house: Container, user: str, output: Path | None, *, quiet: bool) -> int:
    chunks = written_copy(user, house.clock.now(), house.privacy.export(user))
    written = 0
    with _opened(output) as file, counting("bytes written", quiet=quiet or output is None) as told:
        async for chunk in chunks:
            written += file.write(chunk)
            told(written)
    return written


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that appears when it is whole, readable by nobody else."""
    if output is None:
        yield typer.get_binary_stream("stdout")
        return
    unfinished = output.with_name(f"{output.name}.part")
    try:
        with open(unfinished, "wb", opener=_private) as file:
            yield file
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


async def _erase(house: Container, user: str, *, quiet: bool) -> ErasureReceipt:
    with counting("rows erased", quiet=quiet) as told:
        return await house.privacy.erase(user, progress=told)


def _run(work: Callable[[Container], Awaitable[T]]) -> T:
    settings = read_settings()
    with database(settings) as uri:
        return asyncio.run(_with_services(settings, uri, work))


async def _with_services(settings: Settings, uri: str, work: Callable[[Container], Awaitable[T]]) -> T:
    async with checked_services(settings, uri) as house:
        await house.migrations.up()
        return await work(house)


def _show(receipt: ErasureReceipt) -> None:
    table = Table("what", "rows erased")
    for name, rows in receipt.erased.items():
        table.add_row(name, str(rows))
    out.print(table)
    out.print(f"[green]✓[/] Receipt {receipt.receipt_id}", highlight=False)
