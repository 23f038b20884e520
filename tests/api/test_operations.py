"""`/health`, `/metrics`, `/docs` and the OpenAPI document."""

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app import __version__
from app.clock import SystemClock
from app.config import load_settings
from app.main import assemble
from app.repositories.mongo import Mongo
from tests.api.conftest import SONGS
from tests.serving import SECRET, bearer

OPEN = {"/health/live", "/health/ready", "/metrics"}


async def test_alive(api: httpx.AsyncClient) -> None:
    answer = await api.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_ready(api: httpx.AsyncClient) -> None:
    answer = await api.get("/health/ready")
    assert answer.status_code == 200
    checks = {"database": "ok", "migrations": "ok", "scheduler": "ok"}
    assert answer.json() == {"status": "ready", "checks": checks}


async def test_not_ready_while_a_migration_is_pending(api: httpx.AsyncClient, mongo: Mongo) -> None:
    applied = mongo.db["migrations"]
    last = (await applied.find({}).sort("_id", -1).to_list(1))[0]
    await applied.delete_one({"_id": last["_id"]})
    try:
        answer = await api.get("/health/ready")
    finally:
        await applied.insert_one(last)
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert answer.json()["error"] == "Not ready: migrations"
    assert int(answer.headers["Retry-After"]) >= 1


async def test_metrics_tell_of_requests_by_route_and_not_by_song(api: httpx.AsyncClient) -> None:
    await api.get(f"{SONGS}/some-song-that-is-not-there")
    answer = await api.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    requests = [line for line in answer.text.splitlines() if line.startswith("playledger_http_requests_total{")]
    assert any(f'route="{SONGS}/{{songId}}"' in line and 'status="404"' in line for line in requests)
    assert "some-song-that-is-not-there" not in answer.text


async def test_the_reference_needs_no_other_host(api: httpx.AsyncClient) -> None:
    page = await api.get("/docs")
    assert page.status_code == 200
    sources = [part.split('"')[0] for part in page.text.split("/assets/")[1:]]
    assert len(sources) == 3
    for source in sources:
        assert (await api.get(f"/assets/{source}")).status_code == 200
    assert "cdn" not in page.text
    assert "https://" not in page.text


@pytest.fixture
async def document(api: httpx.AsyncClient) -> dict[str, Any]:
    answer = await api.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


async def test_the_document_is_made_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes seconds on a small machine, and others are to be answered meanwhile."""
    makers: list[threading.Thread] = []

    def error_schemas() -> dict[str, Any]:
        makers.append(threading.current_thread())
        return {}

    monkeypatch.setattr("app.routers.openapi.error_schemas", error_schemas)
    settings = load_settings(_env_file=None, mongodb_uri="mongodb://127.0.0.1:1/?replicaSet=nowhere", jwt_secret=SECRET)
    transport = httpx.ASGITransport(app=assemble(settings, SystemClock()))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        for _ in range(2):
            assert (await client.get("/openapi.json")).status_code == 200
    assert len(makers) == 1
    assert makers[0] is not threading.current_thread()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def described_by(document: dict[str, Any], parameter: dict[str, Any]) -> str:
    """What its type says of itself."""
    return document["components"]["schemas"][parameter["schema"]["$ref"].split("/")[-1]]["description"]


async def test_every_route_is_described(document: dict[str, Any]) -> None:
    assert document["info"]["version"] == __version__
    known = {tag["name"] for tag in document["tags"]}
    described = dict(operations(document))
    assert len(described) >= 16
    for name, operation in described.items():
        assert operation["summary"], name
        assert len(operation["description"]) > 20, name
        assert set(operation["tags"]) <= known, name
        for parameter in operation.get("parameters", []):
            assert parameter.get("description") or described_by(document, parameter), (name, parameter["name"])


async def test_every_error_is_shown_in_the_one_shape_with_an_example(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        if name.split()[1] in OPEN:
            continue
        errors = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert {"500", "503"} <= set(errors), name
        assert "422" not in errors, name
        for status, answer in errors.items():
            content = answer["content"]["application/json"]
            assert content["schema"] == {"$ref": "#/components/schemas/ErrorAnswer"}, (name, status)
            assert content["example"]["success"] is False
            assert set(content["example"]) >= {"success", "error", "code"}


async def test_who_needs_a_token_is_said_and_what_comes_without_one(
    document: dict[str, Any], api: httpx.AsyncClient
) -> None:
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for name, operation in operations(document):
        method, path = name.split()
        security = operation.get("security", [])
        needs_token = bool(security) and {} not in security
        assert "401" in operation["responses"] or not security, name
        answer = await api.request(method, path.replace("{", "").replace("}", ""))
        assert (answer.status_code == 401) == needs_token, name


async def test_routes_of_admins_say_403(document: dict[str, Any], api: httpx.AsyncClient) -> None:
    for name, operation in operations(document):
        method, path = name.split()
        if path.startswith("/api/admin/"):
            assert "403" in operation["responses"], name
            asked = await api.request(method, path.replace("{", "").replace("}", ""), headers=bearer("ann"))
            assert asked.status_code == 403, name
