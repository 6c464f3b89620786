"""/healthz and /readyz."""

from __future__ import annotations

import pytest
from django.db.migrations.graph import MigrationGraph
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from pytest_django import Settings

from contactcenter.kernel.health import HealthMiddleware

pytestmark = pytest.mark.django_db
NOWHERE = "unix:///nowhere/valkey.sock"


def test_a_living_process_says_so_to_any_host_name(client: Client) -> None:
    answer = client.get("/healthz", headers={"host": "10.1.2.3"})
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_another_address_still_refuses_a_foreign_host_name(client: Client) -> None:
    assert client.get("/", headers={"host": "10.1.2.3"}).status_code == 400


def test_a_process_with_all_its_parts_is_ready(client: Client) -> None:
    answer = client.get("/readyz", headers={"host": "10.1.2.3"})
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "migrations": "ok", "redis": "ok"}


async def test_a_socket_server_answers_both_too(async_client: AsyncClient) -> None:
    assert (await async_client.get("/healthz")).content == b"ok"
    assert (await async_client.get("/readyz")).json()["status"] == "ok"


def test_without_redis_it_is_degraded_and_still_serves(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = NOWHERE
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["redis"] == "down"


def test_without_the_database_it_is_down(client: Client, settings: Settings) -> None:
    settings.DATABASE_URL = "postgresql:///cc?host=/nowhere"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "down"
    assert answer.json()["database"] == "down"


def test_without_the_database_the_process_still_lives(client: Client, settings: Settings) -> None:
    settings.DATABASE_URL = "postgresql:///cc?host=/nowhere"
    assert client.get("/healthz").status_code == 200


def test_pending_migrations_are_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MigrationGraph, "leaf_nodes", lambda _graph: [("agents", "9999_future")])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "pending"


def test_applied_migrations_are_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def applied(connection: object) -> bool:
        asked.append(connection)
        return len(asked) > 1

    monkeypatch.setattr("contactcenter.kernel.health._migrations_applied", applied)
    middleware = HealthMiddleware(lambda _request: HttpResponse())
    assert [middleware.readiness().migrations for _ in range(4)] == ["pending", "ok", "ok", "ok"]
    assert len(asked) == 2


def test_every_other_address_goes_on() -> None:
    request = HttpRequest()
    request.path_info = "/healthz/more"
    assert HealthMiddleware(lambda _request: HttpResponse("page"))(request).content == b"page"  # type: ignore[union-attr]
