"""A connection that was made while the server was no member of its set yet, and is one now."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pymongo.errors import ConfigurationError

from app.embedded.ports import is_listening
from app.errors import FailureReason, TransientFailure
from app.repositories.mongo import Mongo, Session
from app.repositories.sessionless_connections import usable_sessions
from tests.chaos.replica_set import NAME, Member, wait_for


@pytest.fixture
async def mongo(tmp_path: Path) -> AsyncIterator[Mongo]:
    """Its only connection was made before the server became the primary."""
    member = Member(tmp_path / "member")
    member.start()
    mongo = Mongo(f"mongodb://{member.host}/?directConnection=true", "late")
    try:
        wait_for(lambda: is_listening(member.port), "the member listens")
        await mongo.ping()
        with member.client() as client:
            members = [{"_id": 0, "host": member.host}]
            client.admin.command("replSetInitiate", {"_id": NAME, "members": members})
            wait_for(lambda: bool(client.admin.command("hello")["isWritablePrimary"]), "it is the primary")
        yield mongo
    finally:
        mongo.close()
        member.kill()


def write(mongo: Mongo, session: Session) -> None:
    mongo.in_thread["rows"].insert_one({}, session=session)


async def test_a_transaction_can_be_run_again(mongo: Mongo) -> None:
    with pytest.raises(TransientFailure) as failure:
        await mongo.transaction(lambda session: write(mongo, session))
    assert failure.value.reason is FailureReason.UNKNOWN
    await mongo.transaction(lambda session: write(mongo, session))
    assert await mongo.db["rows"].count_documents({}) == 1


async def test_a_snapshot_is_read_at_once(mongo: Mongo) -> None:
    await mongo.db["rows"].insert_one({})
    assert await mongo.snapshot(lambda session: len(list(mongo.in_thread["rows"].find({}, session=session)))) == 1


async def test_other_faults_of_the_configuration_pass(mongo: Mongo) -> None:
    with pytest.raises(ConfigurationError, match="another"), usable_sessions(mongo.client.delegate):
        raise ConfigurationError("another")
