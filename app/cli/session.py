"""What a command works with: a database, and the same services as the HTTP API."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

from app.cli.terminal import err, fail, refuse_usage
from app.clock import SystemClock
from app.config import Settings, SettingsError
from app.container import Container
from app.embedded import EmbeddedMongo, EmbeddedMongoError
from app.errors import DomainError
from app.models.songs import SongCounts
from app.repositories.mongo import Mongo, UnsuitableServer
from app.services.identity.factory import build_verifier
from app.services.identity.secrets import token_secret
from app.services.identity.verifier import JoseTokenVerifier
from app.services.migrations import MigrationChanged
from migrations.steps import DataInTheWay

_PATIENCE = timedelta(hours=1)


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URI of the database; starts the embedded one when `MONGODB_URI` is not set, and stops it at the end."""
    if settings.mongodb_uri is not None:
        yield settings.mongodb_uri.get_secret_value()
        return
    embedded = EmbeddedMongo(settings.data_dir, binary=settings.mongod_binary, log=_tell)
    try:
        uri = embedded.start()
    except EmbeddedMongoError as error:
        fail(str(error))
    # Worker processes, which are started afresh, find it here.
    os.environ["MONGODB_URI"] = uri
    try:
        yield uri
    finally:
        with _undisturbed():
            embedded.stop()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C or SIGTERM must not leave the server behind, half stopped."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@asynccontextmanager
async def services(settings: Settings, uri: str) -> AsyncIterator[Container]:
    """All services, for a command that may take its time; what they refuse ends it with a sentence."""
    try:
        mongo = Mongo(uri, settings.mongodb_database, timeout=_PATIENCE)
        house = Container(settings, mongo, verifier_of(settings), _Nobody(), SystemClock())
    except UnsuitableServer as error:
        refuse_usage(str(error))
    except SettingsError as error:
        refuse_usage(*error.lines)
    try:
        yield house
    except (DomainError, UnsuitableServer, MigrationChanged, DataInTheWay) as error:
        fail(str(error))
    finally:
        await house.close()


@asynccontextmanager
async def checked_services(settings: Settings, uri: str) -> AsyncIterator[Container]:
    """All services, over a database that can keep what they promise."""
    async with services(settings, uri) as house:
        await house.mongo.require_transactions()
        yield house


def verifier_of(settings: Settings) -> JoseTokenVerifier:
    """The verifier of these settings, or an exit with the sentence on what is wrong with them."""
    try:
        return build_verifier(settings, SystemClock(), token_secret(settings))
    except ValueError as error:
        refuse_usage(str(error))


def _tell(message: str) -> None:
    err.print(f"[yellow]![/] {message}", highlight=False)


class _Nobody:
    """The publisher of a process that no listener is connected to."""

    def publish(self, counts: SongCounts) -> None:
        """Nobody hears it."""
