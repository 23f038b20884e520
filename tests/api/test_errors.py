"""Every error of every route has one shape."""

import httpx
import pytest

from app.errors import DomainError, RetryLater
from app.routers.error_handlers import STATUS
from tests.api.conftest import SONGS
from tests.serving import bearer


def all_subclasses(kind: type) -> set[type]:
    return {one for child in kind.__subclasses__() for one in ({child} | all_subclasses(child))}


def test_every_domain_error_has_a_status() -> None:
    for kind in all_subclasses(DomainError) - {RetryLater}:
        assert set(kind.__mro__) & set(STATUS), kind
    assert set(STATUS) <= all_subclasses(DomainError)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "NOT_FOUND"),
        ("GET", "/api/audio/copyright-free/a/b/c", 404, "NOT_FOUND"),
        ("GET", "/assets/nothing.js", 404, "NOT_FOUND"),
        ("GET", "/assets/../app/config.py", 404, "NOT_FOUND"),
        ("GET", "/demo-audio/nothing.wav", 404, "NOT_FOUND"),
        ("POST", "/assets/vendor/x", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/health/live", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", SONGS, 405, "METHOD_NOT_ALLOWED"),
        ("OPTIONS", SONGS, 405, "METHOD_NOT_ALLOWED"),
        ("GET", f"{SONGS}/x/view", 405, "METHOD_NOT_ALLOWED"),
    ],
)
async def test_the_frameworks_own_errors_too(
    api: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await api.request(method, path, headers=bearer("ann"))
    content = answer.json()
    assert (answer.status_code, content["code"], content["success"]) == (status, code, False)
    assert set(content) == {"success", "error", "code"}
    if status == 405:
        assert answer.headers["Allow"]


async def test_every_answer_has_a_request_id(api: httpx.AsyncClient) -> None:
    for path in (SONGS, "/nothing", "/health/live"):
        assert len((await api.get(path)).headers["X-Request-Id"]) == 32
    kept = await api.get("/nothing", headers={"X-Request-Id": "abc-123_x.y"})
    assert kept.headers["X-Request-Id"] == "abc-123_x.y"


@pytest.mark.parametrize("insane", ["", "a b", "x" * 129, "<script>", "a;b"])
async def test_an_insane_request_id_is_replaced(api: httpx.AsyncClient, insane: str) -> None:
    answer = await api.get("/nothing", headers={"X-Request-Id": insane})
    assert len(answer.headers["X-Request-Id"]) == 32
