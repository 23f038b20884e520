"""A replica set of three real members, of which the primary can be made to step down, or be killed."""

import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pymongo
from pymongo.errors import AutoReconnect, OperationFailure

from app.embedded.binary import find_mongod
from app.embedded.ports import HOST, is_listening
from tests.redis_server import free_port

NAME = "three"
MEMBERS = 3
PATIENCE_SECONDS = 60.0


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Look again and again, for a minute at most."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at, f"not within {PATIENCE_SECONDS:.0f} s: {what}"
        time.sleep(0.05)


class Member:
    """One mongod; it can be killed and started again in its folder, on its port."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.port = free_port()
        self._command = [
            str(find_mongod()),
            *("--port", str(self.port), "--bind_ip", HOST, "--nounixsocket", "--replSet", NAME),
            *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256"),
            *("--wiredTigerEngineConfigString", "log=(file_max=16MB)"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--quiet", "--logpath", str(folder / "log"), "--logappend", "--dbpath", str(folder)),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        return f"{HOST}:{self.port}"

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        """`kill -9`."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """It stands still, and does not know it afterwards."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def client(self) -> pymongo.MongoClient[dict[str, object]]:
        return pymongo.MongoClient(HOST, self.port, directConnection=True, serverSelectionTimeoutMS=10_000)


class ReplicaSet:
    """Three members, who notice within two seconds that their primary is gone."""

    def __init__(self, folder: Path) -> None:
        self.members = [Member(folder / f"member-{number}") for number in range(MEMBERS)]

    @property
    def uri(self) -> str:
        return f"mongodb://{','.join(member.host for member in self.members)}/?replicaSet={NAME}"

    def start(self) -> None:
        for member in self.members:
            member.start()
        for member in self.members:
            wait_for(lambda member=member: is_listening(member.port), "a member listens")
        configuration = {
            "_id": NAME,
            "members": [{"_id": number, "host": member.host} for number, member in enumerate(self.members)],
            "settings": {"electionTimeoutMillis": 2_000, "heartbeatIntervalMillis": 500},
        }
        with self.members[0].client() as client:
            client.admin.command("replSetInitiate", configuration)
        wait_for(lambda: self._primary() is not None, "there is a primary")
        self.wait_until_all_follow()

    def wait_until_all_follow(self) -> None:
        wait_for(self._all_follow, "all members follow")

    def step_down(self) -> None:
        """The primary hands over while it works; it is not elected again for five seconds."""
        with self.primary().client() as client, suppress(AutoReconnect):
            client.admin.command("replSetStepDown", 5, secondaryCatchUpPeriodSecs=4)

    def kill_primary(self) -> Member:
        """`kill -9` of whoever is the primary."""
        member = self.primary()
        member.kill()
        return member

    def primary(self) -> Member:
        wait_for(lambda: self._primary() is not None, "there is a primary")
        member = self._primary()
        assert member is not None
        return member

    def wait_for_another_primary(self, paused: Member) -> None:
        """Until the others have elected one of them."""
        wait_for(lambda: self._primary(but=paused) is not None, "there is another primary")

    def stop(self) -> None:
        for member in self.members:
            member.kill()

    def _primary(self, but: Member | None = None) -> Member | None:
        for member in self.members:
            if member is but or not is_listening(member.port):
                continue
            with suppress(AutoReconnect, OperationFailure), member.client() as client:
                if client.admin.command("hello").get("isWritablePrimary"):
                    return member
        return None

    def _all_follow(self) -> bool:
        with self.primary().client() as client:
            states = [one["stateStr"] for one in client.admin.command("replSetGetStatus")["members"]]
        return sorted(states) == ["PRIMARY", "SECONDARY", "SECONDARY"]
