"""Every command that ends by itself: what it does, prints and exits with."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jose import jwt
from pymongo.database import Database

from app.demo.catalogue import DEMO_SONGS
from app.services.migrations import find_migrations
from tests.cli.conftest import Run
from tests.redis_server import free_port
from tests.serving import SECRET

NAMES = [migration.name for migration in find_migrations()]
PRODUCTION = {"APP_ENV": "production", "CORS_ORIGINS": "https://app.example.com"}


def plant_drift(db: Database) -> None:
    db["songs"].insert_one({"_id": "drifting", "viewCount": 9})
    db["views"].insert_one({"userId": "ann", "songId": "drifting"})


@pytest.mark.parametrize("command", ["serve", "migrate", "seed-demo", "token", "reconcile", "jobs"])
def test_help_names_every_command(run: Run, command: str) -> None:
    everything = run("--help")
    assert everything.exit_code == 0
    assert command in everything.output
    own = run(command, "--help")
    assert own.exit_code == 0
    assert "Usage" in own.output


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["token", "--role", "king"], ["migrate", "down", "--steps", "0"], ["serve", "--port", "70000"]],
)
def test_bad_usage_is_2(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("command", [["migrate", "status"], ["serve"], ["token"], ["jobs", "list"]])
def test_bad_settings_are_2_with_a_line_for_each_fault(run: Run, command: list[str]) -> None:
    refused = run(*command, PORT="http", LOG_LEVEL="loud")
    assert refused.exit_code == 2
    lines = refused.stderr.splitlines()
    assert [line.split(":")[0] for line in lines] == ["✗ PORT", "✗ LOG_LEVEL"]
    assert refused.stdout == ""


@pytest.mark.parametrize("command", [["migrate", "up"], ["serve"], ["seed-demo"], ["reconcile"], ["jobs", "list"]])
def test_production_without_its_settings_is_2(run: Run, command: list[str]) -> None:
    refused = run(*command, APP_ENV="production", MONGODB_URI="", JWT_SECRET="")
    assert refused.exit_code == 2
    assert [line.split()[1] for line in refused.stderr.splitlines()] == ["MONGODB_URI", "JWT_SECRET", "CORS_ORIGINS"]


def test_a_bad_address_of_the_database_is_2_without_its_password(run: Run) -> None:
    refused = run("migrate", "status", MONGODB_URI="mongodb://ann:hunter2@host:99999")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("✗ MONGODB_URI: ")
    assert "hunter2" not in refused.stderr


def test_a_jwks_with_algorithms_that_do_not_fit_is_2(run: Run) -> None:
    refused = run("migrate", "status", JWT_ALGORITHMS="none")
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (2, 1)


@pytest.mark.parametrize("command", [["migrate", "up"], ["seed-demo"], ["reconcile"], ["jobs", "list"]])
def test_a_database_that_is_away_is_1_with_a_sentence(
    run: Run, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.session._PATIENCE", timedelta(seconds=0.5))
    failed = run(*command, MONGODB_URI=f"mongodb://127.0.0.1:{free_port()}")
    assert failed.exit_code == 1
    assert failed.stderr.strip() == "✗ The database is away, please try again"


@pytest.mark.parametrize("binary", ["no-such-mongod", "README"], ids=["not there", "not a program"])
def test_a_mongod_that_does_not_run_is_said_in_a_sentence(run: Run, tmp_path: Path, binary: str) -> None:
    (tmp_path / "README").write_text("text")
    refused = run("migrate", "status", MONGODB_URI="", MONGOD_BINARY=str(tmp_path / binary))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"✗ {tmp_path / binary} ")
    assert "Traceback" not in refused.stderr


class TestToken:
    def test_the_default_is_a_listener_for_a_day(self, run: Run) -> None:
        claims = jwt.decode(run("token").stdout.strip(), SECRET, algorithms=["HS256"])
        assert claims["sub"] == "demo-listener"
        assert claims["exp"] - claims["iat"] == 24 * 3600
        assert not claims.get("roles")

    def test_everything_can_be_said(self, run: Run) -> None:
        options = ["--role", "admin", "--role", "artist", "--tenant", "t1", "--hours", "0.5"]
        printed = run("token", "ann", *options, JWT_ISSUER="https://me", JWT_AUDIENCE="us", JWT_ALGORITHMS="HS384")
        claims = jwt.decode(printed.stdout.strip(), SECRET, algorithms=["HS384"], audience="us", issuer="https://me")
        assert (claims["sub"], set(claims["roles"]), claims["tenants"]) == ("ann", {"admin", "artist"}, ["t1"])
        assert claims["exp"] - claims["iat"] == 1800

    def test_without_a_secret_one_is_made_and_kept(self, run: Run) -> None:
        first, second = (run("token", JWT_SECRET="").stdout.strip() for _ in range(2))
        made = (Path.cwd() / "jwt-secret").read_text().strip()
        for printed in (first, second):
            assert jwt.decode(printed, made, algorithms=["HS256"])["sub"] == "demo-listener"

    def test_production_has_none(self, run: Run) -> None:
        refused = run("token", **PRODUCTION)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "identity provider" in refused.stderr

    @pytest.mark.parametrize("user", ["", "x" * 300])
    def test_a_bad_user_id_is_a_sentence(self, run: Run, user: str) -> None:
        refused = run("token", user)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert len(refused.stderr.splitlines()) == 1

    def test_keys_of_an_issuer_sign_nothing_here(self, run: Run) -> None:
        refused = run("token", JWT_SECRET="", JWT_JWKS_URL="https://issuer.example.com/jwks")
        assert refused.exit_code == 1
        assert "JWT_JWKS_URL" in refused.stderr

    def test_algorithms_without_a_shared_secret_sign_nothing(self, run: Run) -> None:
        refused = run("token", JWT_ALGORITHMS="RS256")
        assert refused.exit_code == 1
        assert "JWT_ALGORITHMS" in refused.stderr


class TestMigrate:
    def test_up_down_and_status(self, run: Run, unmigrated: Database) -> None:
        assert run("migrate", "status").stdout.count("pending") == len(NAMES)
        assert [line for line in run("migrate", "up").stdout.splitlines() if "✓" in line] == [
            f"✓ {name} applied" for name in NAMES
        ]
        assert run("migrate", "up").stdout == "Nothing to do\n"
        assert "pending" not in run("migrate", "status").stdout
        assert run("migrate", "down", "--steps", "2").stdout.splitlines() == [
            f"✓ {name} taken back" for name in NAMES[:-3:-1]
        ]
        assert run("migrate", "status").stdout.count("pending") == 2

    def test_for_machines(self, run: Run, unmigrated: Database) -> None:
        assert json.loads(run("migrate", "up", "--json").stdout) == {"applied": NAMES}
        assert json.loads(run("migrate", "up", "--json").stdout) == {"applied": []}
        assert json.loads(run("migrate", "down", "--json").stdout) == {"taken_back": NAMES[-1:]}
        rows = json.loads(run("migrate", "status", "--json").stdout)
        assert [row["name"] for row in rows] == NAMES
        assert rows[-1] == {"name": NAMES[-1], "appliedAt": None, "isChanged": False}
        assert rows[0]["appliedAt"].endswith("Z")

    def test_a_changed_text_is_shown_and_refused(self, run: Run, unmigrated: Database) -> None:
        run("migrate", "up")
        run("migrate", "down")
        unmigrated["migrations"].update_one({"_id": NAMES[0]}, {"$set": {"checksum": "another"}})
        assert "changed since" in run("migrate", "status").stdout
        refused = run("migrate", "up")
        assert refused.exit_code == 1
        assert f"{NAMES[0]} was applied with another text" in refused.stderr

    @pytest.mark.parametrize("command", [["migrate", "up"], ["seed-demo"], ["jobs", "list"]])
    def test_data_in_the_way_is_1_with_its_sentence(self, run: Run, unmigrated: Database, command: list[str]) -> None:
        unmigrated["songs"].insert_many([{"slug": "same"}, {"slug": "same"}])
        refused = run(*command)
        assert refused.exit_code == 1
        assert refused.stderr.startswith("✗ Two documents of 'songs' have the same {'slug': 'same'}")
        assert unmigrated["songs"].count_documents({}) == 2


class TestCatalogue:
    def test_the_demo_is_added_once_with_weeks_of_listeners_and_no_drift(self, run: Run, db: Database) -> None:
        all_songs = len(DEMO_SONGS)
        assert run("seed-demo").stdout == f"✓ {all_songs} of {all_songs} demo songs added\n"
        kinds = ("play", "like", "save", "share", "download")
        events = {kind: db[f"{kind}_events"].count_documents({}) for kind in kinds}
        assert events["play"] > 4_000
        assert min(events.values()) > 50
        first = db["play_events"].find_one(sort=[("timestamp", 1)])["timestamp"]
        last = db["play_events"].find_one(sort=[("timestamp", -1)])["timestamp"]
        assert timedelta(weeks=8) < last - first < timedelta(weeks=10)
        assert last < datetime.now(UTC)
        # Songs of the examples in the documentation begin at nothing.
        assert len(db["play_events"].distinct("trackId")) == all_songs - 1
        assert run("seed-demo").stdout == f"✓ 0 of {all_songs} demo songs added\n"
        assert {kind: db[f"{kind}_events"].count_documents({}) for kind in kinds} == events
        assert set(db["songs"].distinct("slug")) == {song.slug for song in DEMO_SONGS}
        counts = {name: db[name].count_documents({"tenant": "demo"}) for name in ("shows", "seasons", "episodes")}
        assert counts == {"shows": 1, "seasons": 1, "episodes": 3}
        assert run("jobs", "run", "rollups").exit_code == 0
        found = json.loads(run("reconcile", "--dry-run", "--json").stdout)["statistics"]
        assert (found["tracks"], found["drift"]) == (all_songs - 1, 0)
        assert (found["rollups"]["drift"], db["daily_stats"].count_documents({}) > 250) == (0, True)

    def test_nothing_to_reconcile(self, run: Run, db: Database) -> None:
        shown = run("reconcile").stdout.splitlines()
        assert shown[:2] == ["✓ 0 songs compared, drift 0", "✓ 0 tracks compared, drift 0"]

    def test_drift_is_shown_and_then_repaired(self, run: Run, db: Database) -> None:
        plant_drift(db)
        looked = run("reconcile", "--dry-run")
        assert looked.exit_code == 0
        assert "1 songs compared, drift 8" in looked.stdout
        assert "drifting viewCount: stored 9, counted 1" in looked.stdout
        assert "Not repaired" in looked.stdout
        assert db["songs"].find_one({})["viewCount"] == 9

        found = [{"songId": "drifting", "counter": "viewCount", "stored": 9, "counted": 1}]
        report = {"songs": 1, "drift": 8, "repaired": True, "found": found}
        told = json.loads(run("reconcile", "--json").stdout)
        assert told.pop("statistics")["drift"] == 0
        assert told.pop("episodes")["drift"] == 0
        assert told == report
        assert db["songs"].find_one({})["viewCount"] == 1
        assert "drift 0" in run("reconcile").stdout

    def test_long_reports_are_cut(self, run: Run, db: Database) -> None:
        db["songs"].insert_many({"_id": f"song-{number}", "viewCount": 1} for number in range(23))
        shown = run("reconcile").stdout
        assert shown.count("stored 1, counted 0") == 20
        assert "and 3 more" in shown


class TestJobs:
    def test_the_schedule(self, run: Run, db: Database) -> None:
        shown = run("jobs", "list").stdout
        rows = json.loads(run("jobs", "list", "--json").stdout)
        assert {row["name"] for row in rows} >= {"finish-removals", "reconcile"}
        for row in rows:
            assert row["name"] in shown
            assert row["cron"] in shown

    def test_a_job_is_run_and_remembered(self, run: Run, db: Database) -> None:
        plant_drift(db)
        assert run("jobs", "run", "reconcile").stdout == "✓ reconcile: songs 1, drifting 1, drift 8\n"
        assert json.loads(run("jobs", "run", "reconcile", "--json").stdout) == {"songs": 1, "drifting": 0, "drift": 0}
        assert db["job_runs"].count_documents({"job": "reconcile", "outcome": "done"}) == 2

    def test_an_unknown_job_is_1_and_names_those_there_are(self, run: Run, db: Database) -> None:
        refused = run("jobs", "run", "nonsense")
        assert refused.exit_code == 1
        assert "reconcile" in refused.stderr
