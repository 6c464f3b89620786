"""Is this process alive, and can it serve: `/healthz` and `/readyz`, for supervisors and load balancers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any, cast

import psycopg
import redis
from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from psycopg.conninfo import make_conninfo

SECONDS = 2  # for each store to answer
Answer = HttpResponseBase | Awaitable[HttpResponseBase]


@dataclass(frozen=True)
class Readiness:
    """Each part as a word. Without Redis the product goes on, later by a second or so: degraded, not down."""

    database: str = "ok"
    migrations: str = "ok"
    redis: str = "ok"

    @property
    def serves(self) -> bool:
        return self.database == self.migrations == "ok"

    def response(self) -> JsonResponse:
        """200 with status `ok` or `degraded`, 503 with `down`."""
        status = "down" if not self.serves else "ok" if self.redis == "ok" else "degraded"
        return JsonResponse({"status": status} | asdict(self), status=200 if self.serves else 503)


class HealthMiddleware:
    """Stands first, so that it answers to any host name, over plain HTTP, and while sessions are down."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._migrated = False
        self._async = iscoroutinefunction(get_response)
        if self._async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        if self._async:
            return self._acall(request)
        if request.path_info == "/healthz":
            return _alive()
        if request.path_info == "/readyz":
            return self.readiness().response()
        return cast("HttpResponseBase", self._get_response(request))

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/healthz":
            return _alive()
        if request.path_info == "/readyz":
            return (await sync_to_async(self.readiness, thread_sensitive=False)()).response()
        return cast("HttpResponseBase", await self._get_response(request))

    def readiness(self) -> Readiness:
        """Asks over connections of its own: a pool that is busy isn't a database that is down."""
        return Readiness(*self._database(), redis="ok" if _redis_answers() else "down")

    def _database(self) -> tuple[str, str]:
        """The words for database and migrations. What was applied stays so, and is asked for once."""
        try:
            with psycopg.connect(connection_string()) as own:
                own.execute("SELECT 1")
                self._migrated = self._migrated or _migrations_applied(own)
        except psycopg.Error:
            return "down", "ok" if self._migrated else "unknown"
        return "ok", "ok" if self._migrated else "pending"


def _alive() -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def connection_string() -> str:
    """To where Django's connection goes, in a test too."""
    return make_conninfo(settings.DATABASE_URL, dbname=connection.settings_dict["NAME"], connect_timeout=SECONDS)


def _migrations_applied(own: psycopg.Connection) -> bool:
    try:
        applied = set(own.execute("SELECT app, name FROM django_migrations").fetchall())
    except psycopg.errors.UndefinedTable:
        return False
    return applied.issuperset(MigrationLoader(None).graph.leaf_nodes())


def _redis_answers() -> bool:
    try:
        timeouts = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS}
        with redis.Redis.from_url(settings.REDIS_URL, **timeouts) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
