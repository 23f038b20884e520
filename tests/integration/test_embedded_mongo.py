"""The embedded MongoDB with a real mongod: starts, stops, shares, survives."""

import json
import os
import signal
import socketserver
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from pymongo import MongoClient

from app.embedded import EmbeddedMongo, EmbeddedMongoError
from app.embedded.binary import find_mongod
from app.embedded.errors import ServerDied
from app.embedded.ports import any_port
from app.embedded.process import Process
from app.embedded.replica_set import become_primary

USER = Path(__file__).with_name("embedded_user.py")
ROOT = Path(__file__).parents[2]


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def kill(pid: int) -> None:
    psutil.Process(pid).send_signal(signal.SIGKILL)


def eventually(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def insert(uri: str, number: int) -> None:
    with MongoClient(uri) as client:
        client.ledger.plays.insert_one({"_id": number})


def numbers(uri: str) -> list[int]:
    with MongoClient(uri) as client:
        return sorted(row["_id"] for row in client.ledger.plays.find())


@dataclass
class User:
    process: subprocess.Popen[str]

    def server(self) -> dict[str, str | int]:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def leave(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        assert self.process.wait(30) == 0


@contextmanager
def user_process(data_dir: Path) -> Iterator[User]:
    process = subprocess.Popen(
        [sys.executable, str(USER), str(data_dir)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield User(process)
        finally:
            process.kill()


@pytest.fixture
def mongo(tmp_path: Path) -> Iterator[EmbeddedMongo]:
    mongo = EmbeddedMongo(tmp_path)
    mongo.start()
    yield mongo
    mongo.stop()


def test_transactions_work(mongo: EmbeddedMongo) -> None:
    with MongoClient(mongo.uri) as client, client.start_session() as session:
        plays = client.ledger.plays
        with session.start_transaction():
            plays.insert_one({"_id": 1}, session=session)
            session.abort_transaction()
        with session.start_transaction():
            plays.insert_one({"_id": 2}, session=session)
    assert numbers(mongo.uri) == [2]


def test_change_streams_work(mongo: EmbeddedMongo) -> None:
    with MongoClient(mongo.uri) as client, client.ledger.plays.watch() as stream:
        client.ledger.plays.insert_one({"_id": 1})
        assert stream.next()["fullDocument"] == {"_id": 1}


def test_only_loopback_is_bound(mongo: EmbeddedMongo) -> None:
    server = psutil.Process(mongo.pid)
    listening = [c.laddr.ip for c in server.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert listening == ["127.0.0.1"]
    assert server.net_connections("unix") == []


def test_only_the_owner_can_read_the_folder(mongo: EmbeddedMongo, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "mongo").stat().st_mode) == 0o700


def test_zlib_is_refused(mongo: EmbeddedMongo) -> None:
    with MongoClient(mongo.uri) as client:
        options = client.admin.command("getCmdLineOpts")["parsed"]
    assert options["net"]["compression"]["compressors"] == "snappy,zstd"


def test_data_is_there_at_the_next_start_on_the_same_port(tmp_path: Path) -> None:
    mongo = EmbeddedMongo(tmp_path)
    with mongo as first_uri:
        first_pid = mongo.pid
        insert(first_uri, 1)
    assert not alive(first_pid)
    with mongo as second_uri:
        assert (second_uri, numbers(second_uri)) == (first_uri, [1])


def test_starting_and_stopping_twice_changes_nothing(tmp_path: Path) -> None:
    mongo = EmbeddedMongo(tmp_path)
    assert mongo.start() == mongo.start()
    mongo.stop()
    mongo.stop()
    with pytest.raises(EmbeddedMongoError, match="has not been started"):
        _ = mongo.uri


def test_stale_lock_of_a_killed_server_is_no_hindrance(tmp_path: Path) -> None:
    with user_process(tmp_path) as user:
        server = user.server()
        insert(str(server["uri"]), 1)
        user.process.kill()
        user.process.wait()
    kill(int(server["pid"]))
    eventually(lambda: not alive(int(server["pid"])))
    assert (tmp_path / "mongo/db/mongod.lock").read_text().strip() == str(server["pid"])
    with EmbeddedMongo(tmp_path) as uri:
        assert numbers(uri) == [1]


@pytest.mark.parametrize("record_lost", [False, True])
def test_server_of_a_killed_user_is_adopted_and_stopped_at_the_end(tmp_path: Path, record_lost: bool) -> None:
    with user_process(tmp_path) as user:
        server = user.server()
        user.process.kill()
        user.process.wait()
    assert alive(int(server["pid"]))
    if record_lost:
        (tmp_path / "mongo/server.json").unlink()
    mongo = EmbeddedMongo(tmp_path)
    with mongo as uri:
        assert (mongo.pid, uri) == (server["pid"], server["uri"])
    assert not alive(int(server["pid"]))


def test_adopted_server_is_watched_too(tmp_path: Path) -> None:
    with user_process(tmp_path) as user:
        server = user.server()
        user.process.kill()
        user.process.wait()
    mongo = EmbeddedMongo(tmp_path)
    with mongo as uri:
        kill(mongo.pid)
        insert(uri, 1)
        eventually(lambda: mongo.pid != server["pid"])
        assert numbers(uri) == [1]


def test_process_number_that_another_has_now_is_not_believed(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        folder = tmp_path / "mongo"
        (folder / "db").mkdir(parents=True)
        (folder / "server.json").write_text(json.dumps({"pid": stranger.pid, "port": 27999, "started_at": "then"}))
        (folder / "db/mongod.lock").write_text(f"{stranger.pid}\n")
        mongo = EmbeddedMongo(tmp_path)
        with mongo:
            assert mongo.pid != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_server_that_hangs_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.embedded.replica_set.ANSWER_PATIENCE", timedelta(seconds=1))
    monkeypatch.setattr("app.embedded.server.HANDOVER_PATIENCE", timedelta(seconds=0.1))
    with user_process(tmp_path) as user:
        server = user.server()
        insert(str(server["uri"]), 1)
        user.process.kill()
        user.process.wait()
    psutil.Process(int(server["pid"])).suspend()
    said: list[str] = []

    def hear(sentence: str) -> None:
        said.append(sentence)
        # From here on it is the new one that is waited for, and it may take its time.
        monkeypatch.setattr("app.embedded.replica_set.ANSWER_PATIENCE", timedelta(seconds=60))

    mongo = EmbeddedMongo(tmp_path, log=hear)
    with mongo as uri:
        assert mongo.pid != server["pid"]
        assert numbers(uri) == [1]
    assert "does not answer" in said[0]


def test_two_processes_that_start_at_once_share_one_server(tmp_path: Path) -> None:
    with user_process(tmp_path) as one, user_process(tmp_path) as other:
        servers = [one.server(), other.server()]
        assert servers[0] == servers[1]
        one.leave()
        assert alive(int(servers[0]["pid"]))
        insert(str(servers[0]["uri"]), 1)
        other.leave()
        assert not alive(int(servers[0]["pid"]))


def test_users_in_one_process_share_one_server_and_all_see_it_restarted(tmp_path: Path) -> None:
    one, other = EmbeddedMongo(tmp_path), EmbeddedMongo(tmp_path)
    with one as uri:
        with other:
            first = one.pid
            assert other.pid == first
            kill(first)
            eventually(lambda: one.pid == other.pid != first)
        insert(uri, 1)
        last = one.pid
    assert not alive(last)


def test_killed_server_is_started_again_on_its_port_with_every_acknowledged_write(tmp_path: Path) -> None:
    said: list[str] = []
    mongo = EmbeddedMongo(tmp_path, log=said.append)
    with mongo as uri, MongoClient(uri) as client:
        for number in range(100):
            client.ledger.plays.insert_one({"_id": number})
        first = mongo.pid
        kill(first)
        client.ledger.plays.insert_one({"_id": 100})  # the driver waits for the primary
        eventually(lambda: mongo.pid != first)
        assert mongo.uri == uri
        assert numbers(uri) == list(range(101))
    assert not alive(first)
    assert [line.split(")")[0] for line in said[:1]] == [f"The embedded MongoDB (process id {first}"]


@contextmanager
def stranger_on(port: int) -> Iterator[None]:
    """A server that hangs up on whoever calls."""
    with socketserver.TCPServer(("127.0.0.1", port), socketserver.BaseRequestHandler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield
        server.shutdown()
        thread.join()


def test_port_that_another_has_taken_is_left_to_it(tmp_path: Path) -> None:
    mongo = EmbeddedMongo(tmp_path)
    with mongo as first_uri:
        insert(first_uri, 1)
    port = int(first_uri.split(":")[2].split("/")[0])
    with stranger_on(port), mongo as second_uri:
        assert second_uri != first_uri
        insert(second_uri, 2)
        assert numbers(second_uri) == [1, 2]


def test_many_start_side_by_side(tmp_path: Path) -> None:
    mongos = [EmbeddedMongo(tmp_path / str(number)) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        uris = list(pool.map(EmbeddedMongo.start, mongos))
        pids = {mongo.pid for mongo in mongos}
        list(pool.map(EmbeddedMongo.stop, mongos))
    assert len(set(uris)) == len(pids) == 4
    assert not any(alive(pid) for pid in pids)


def test_two_that_try_the_same_port_at_once_both_get_their_own_data(tmp_path: Path) -> None:
    mongos = [EmbeddedMongo(tmp_path / name) for name in ("one", "other")]
    port = any_port()
    for name in ("one", "other"):
        (tmp_path / name / "mongo").mkdir(parents=True)
        (tmp_path / name / "mongo/server.json").write_text(json.dumps({"pid": 0, "port": port, "started_at": "then"}))
    with ThreadPoolExecutor(2) as pool:
        for number, uri in enumerate(pool.map(EmbeddedMongo.start, mongos)):
            insert(uri, number)
        assert [numbers(mongo.uri) for mongo in mongos] == [[0], [1]]
        list(pool.map(EmbeddedMongo.stop, mongos))


def test_server_of_another_folder_is_not_taken_for_ours(mongo: EmbeddedMongo, tmp_path: Path) -> None:
    port = int(mongo.uri.split(":")[2].split("/")[0])
    living = Process(os.getpid(), descriptor=None)
    with pytest.raises(ServerDied, match="another server answers"):
        become_primary(living, port, tmp_path / "elsewhere")


def test_server_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mongo/db").mkdir(parents=True)
    command = [str(find_mongod()), "--dbpath", str(tmp_path / "mongo/db"), "--port", str(any_port()), "--nounixsocket"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as theirs:
        try:
            eventually(lambda: bool(psutil.Process(theirs.pid).net_connections("inet")))
            with pytest.raises(EmbeddedMongoError, match="lock"):
                EmbeddedMongo(tmp_path).start()
            assert theirs.poll() is None
        finally:
            theirs.kill()


def test_folder_that_somebody_removed_still_lets_go_of_the_server(tmp_path: Path) -> None:
    mongo = EmbeddedMongo(tmp_path / "data", log=lambda _: None)
    mongo.start()
    pid = mongo.pid
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    mongo.stop()
    assert not alive(pid)


def test_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "mongo/db").mkdir(parents=True)
    (tmp_path / "mongo/db/storage.bson").write_text("not what it should be")
    with pytest.raises(EmbeddedMongoError, match="Unable to read the storage engine metadata file"):
        EmbeddedMongo(tmp_path).start()
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(p.info["cmdline"] or [])]
