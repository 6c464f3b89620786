"""Logs: structlog's events and the standard library's records in one shape, secrets redacted.

Lines are `time level logger event key=value …`; with CC_LOG_JSON=1 one JSON object each.
"""

from __future__ import annotations

import logging
import os
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET = ("token", "password", "secret", "authorization", "cookie")


def _redact(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in event:
        if any(word in key.lower() for word in _SECRET):
            event[key] = "[redacted]"
    return event


def _without_the_way_to_a_refusal(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Django logs an answer such as 403 with the traceback of what refused: the line says all, and no code failed."""
    record: logging.LogRecord = event["_record"]
    if record.name == "django.request" and record.levelno < logging.ERROR:
        event.pop("exc_info", None)
    return event


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _redact,
]


def formatter() -> logging.Formatter:
    """The formatter of the console handler; called once by the logging configuration."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    as_json = os.environ.get("CC_LOG_JSON") == "1"
    # plain: a traceback with the values of its variables would write what customers said into the log
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    renderer = structlog.processors.JSONRenderer() if as_json else plain
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_without_the_way_to_a_refusal, *_SHARED],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info if as_json else _as_it_is,
            renderer,
        ],
    )


def _as_it_is(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return event
