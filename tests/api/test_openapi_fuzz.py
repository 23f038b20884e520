"""Schemathesis over `/openapi.json`, with all of its checks."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.clock import SystemClock
from app.main import assemble
from app.models.identity import Role
from app.repositories.mongo import Mongo
from app.services.licensing.providers.registry import POLICIES
from tests.conftest import DATABASE
from tests.serving import served, settings_for, token
from tests.thorough import usually

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
EXAMPLES = usually(8, thoroughly=25)
CONFIG = Path(__file__).with_name("schemathesis.toml")


@pytest.mark.slow
async def test_the_app_keeps_its_own_description(
    mongod: str, mongo: Mongo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever is switched on, nobody outside is called.
    nowhere = {name: replace(policy, base_url="http://127.0.0.1:9") for name, policy in POLICIES.items()}
    monkeypatch.setattr("app.container.licensing.POLICIES", nowhere)
    await mongo.db["songs"].insert_one({"_id": "s", "slug": "song-in-the-name-of-jesus"})
    settings = settings_for(mongod, DATABASE, rate_limit_enabled=False, data_dir=tmp_path)
    async with served(assemble(settings, SystemClock())) as address:
        fuzzing = await asyncio.create_subprocess_exec(
            *(SCHEMATHESIS, "--config-file", CONFIG, "run", f"{address}/openapi.json", "--max-examples", str(EXAMPLES)),
            *("--header", f"Authorization: Bearer {token('fuzz', Role.ADMIN, tenants=['demo'])}"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await fuzzing.communicate()
    assert fuzzing.returncode == 0, output.decode()[-8000:]
