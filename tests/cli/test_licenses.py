"""`playledger licenses check`."""

import json
from datetime import UTC, datetime, timedelta

from pymongo.database import Database

from tests.cli.conftest import Run


def terms(provider: str, days: float, tenant: str | None = None) -> dict[str, object]:
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "provider": provider, "tenantId": tenant, "version": 1, "currentOf": f"{provider}:{tenant or ''}",
        "type": "subscription", "uses": None, "territories": None, "validFrom": None,
        "expiresAt": now + timedelta(days=days), "attribution": None, "madeAt": now, "madeBy": "a", "hash": "h",
        "useCount": 0,
    }  # fmt: skip


def test_without_a_command_it_is_bad_usage(run: Run) -> None:
    assert run("licenses").exit_code == 2


def test_nothing_to_check(run: Run, db: Database) -> None:
    done = run("licenses", "check")
    assert (done.exit_code, done.output.strip()) == (0, "✓ 0 licences checked: 0 ended, 0 end within 30 days")


def test_what_ends_is_shown_and_warned_of_once(run: Run, db: Database) -> None:
    db["license_terms"].insert_many(
        [terms("soundstripe", 6.5), terms("artlist", -1, "label-a"), terms("hooksounds", 90)]
    )
    done = run("licenses", "check")
    assert done.exit_code == 0
    assert "label-a" in done.output
    assert "everybody" in done.output
    assert "hooksounds" not in done.output
    assert done.output.strip().endswith("✗ 3 licences checked: 1 ended, 1 end within 30 days")
    assert {row["days"] for row in db["license_warnings"].find({})} == {7, 0}
    answer = json.loads(run("licenses", "check", "--json").stdout)
    assert {name: answer[name] for name in ("checked", "expiring", "expired", "warned")} == {
        "checked": 3,
        "expiring": 1,
        "expired": 1,
        "warned": 0,
    }
    assert [(one["provider"], one["tenantId"], one["daysLeft"], one["warning"]) for one in answer["licenses"]] == [
        ("artlist", "label-a", 0, 0),
        ("soundstripe", None, 7, 7),
    ]
