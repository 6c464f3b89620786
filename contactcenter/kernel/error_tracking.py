"""Errors to a tracker that speaks Sentry's protocol: whatever the product logs as an error, and nothing of customers.

It is a log handler (settings add it with CC_SENTRY_DSN), because all that fails is logged in the end: a page by
Django, a socket by the web server, a task by Celery, a sink or an adapter by ourselves. The library's own hooks stay
off: they would send bodies, cookies, statements and the values of variables.

What is sent is listed here, not what isn't: the words of our own log call (constant, a test holds that), the types of
the exceptions with the places in the code, ids, numbers and names from the code, the route, method or task. Never the
text of an exception, a logged value, a header, a variable: they say what people wrote, who they are, and secrets.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import sys
import tomllib
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import sentry_sdk
from django.conf import settings
from sentry_sdk.types import Event
from sentry_sdk.utils import Dsn, event_from_exception

#: keywords of our log calls that hold a name from the code
_NAMES = {"events", "kind", "of", "operation", "sink", "step", "stream", "task", "value"}
_NAME = re.compile(r"[\w.:<>\[\]', -]{1,200}")
_FRAME = {"context_line", "filename", "function", "in_app", "lineno", "module", "post_context", "pre_context"}


def check_dsn(dsn: str) -> None:
    """:raises ValueError: it is no address of a tracker; the sentence names neither its key nor its host."""
    Dsn(dsn)


class ErrorTracker(logging.Handler):
    """Hands errors to the library's thread, which sends them; with the tracker gone they are dropped."""

    def __init__(self, dsn: str, process: str) -> None:
        super().__init__(logging.ERROR)
        self._dsn, self._process = dsn, process
        self._client: sentry_sdk.Client | None = None
        self._pid = 0

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if getattr(record, "status_code", 500) >= 500:  # Django logs some refusals as errors
                self.client.capture_event(self.event(record))
        except Exception:  # a named edge: what can't be reported is in the log all the same
            self.handleError(record)

    @property
    def client(self) -> sentry_sdk.Client:
        """This process's own: a child of Celery's worker must not go on with its parent's connection."""
        if self._client is None or self._pid != os.getpid():
            self._pid = os.getpid()
            self._client = sentry_sdk.Client(
                dsn=self._dsn,
                release=f"contactcenter@{_version()}",
                server_name=socket.gethostname(),
                default_integrations=False,
                auto_session_tracking=False,
                send_client_reports=False,
                enable_backpressure_handling=False,
                include_local_variables=False,
            )
        return self._client

    def event(self, record: logging.LogRecord) -> Event:
        """What is sent about a record, but for id, time, release and host."""
        said: Mapping[str, Any] = record.msg if isinstance(record.msg, dict) else {}
        # of others' records the place: their words may have values in them already
        words = said.get("event") or f"{record.name}: {record.funcName}, line {record.lineno}"
        event: Event = {
            "level": "fatal" if record.levelno >= logging.CRITICAL else "error",
            "logger": record.name,
            "logentry": {"message": words},
            "tags": {"process": self._process, **dict(_tags(record, said))},
        }
        failed = said.get("exc_info") or record.exc_info
        failed = sys.exc_info() if failed is True else failed
        if failed and (not isinstance(failed, tuple) or failed[1]):
            found, _ = event_from_exception(failed, self.client.options)
            event["exception"] = {"values": [_bare(one) for one in found["exception"]["values"]]}
            error = failed[1] if isinstance(failed, tuple) else failed
            if state := getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None):
                event["tags"]["sqlstate"] = state
        return event

    def close(self) -> None:
        """At the end of the process: wait two seconds at most for what isn't sent yet."""
        if self._client is not None and self._pid == os.getpid():
            self._client.close(timeout=2)
        super().close()


def _tags(record: logging.LogRecord, said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in said.items():
        plain = isinstance(value, int | float | uuid.UUID) or _is_id(value)
        if (plain and key != "exc_info") or (key in _NAMES and _NAME.fullmatch(str(value))):
            yield key, str(value)
    if request := getattr(record, "request", None):  # Django's; the path itself may hold a signed link
        yield "method", request.method
        yield "route", getattr(request.resolver_match, "route", "")
    if isinstance(task := getattr(record, "data", None), dict) and "name" in task:  # Celery's
        yield "task", str(task["name"])


def _is_id(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(uuid.UUID(value))
    except ValueError:
        return False


def _bare(exception: Mapping[str, Any]) -> dict[str, Any]:
    """Without its text, the values of variables, and the folder where we are installed."""
    frames = exception.get("stacktrace", {}).get("frames", [])
    return {
        **{key: exception[key] for key in ("type", "module", "mechanism") if key in exception},
        "value": "",
        "stacktrace": {"frames": [{key: frame[key] for key in _FRAME & frame.keys()} for frame in frames]},
    }


def _version() -> str:
    pyproject = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    return str(pyproject["project"]["version"])
