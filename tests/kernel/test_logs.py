"""The log's lines: what is worth a traceback, and what isn't."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from contactcenter.kernel import logs


@pytest.fixture
def formatter() -> Iterator[logging.Formatter]:
    """The product's; what it sets for the whole process is set back."""
    before = structlog.get_config()
    yield logs.formatter()
    structlog.configure(**before)


def line(formatter: logging.Formatter, name: str, level: int) -> str:
    try:
        raise PermissionError("not yours")
    except PermissionError:
        record = logging.LogRecord(name, level, __file__, 1, "Forbidden: %s", ("/admin/",), sys.exc_info())
    return formatter.format(record)


@pytest.mark.parametrize("json", ["0", "1"])
@pytest.mark.parametrize(
    ("name", "level", "traceback"),
    [
        ("django.request", logging.WARNING, False),  # 4xx: somebody was refused
        ("django.request", logging.ERROR, True),  # 5xx: code failed
        ("channels_app.sending", logging.WARNING, True),
    ],
)
def test_a_refused_request_is_one_line_and_a_failed_one_has_its_traceback(
    name: str,
    level: int,
    *,
    traceback: bool,
    json: str,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setenv("CC_LOG_JSON", json)
    said = line(request.getfixturevalue("formatter"), name, level)
    assert "Forbidden: /admin/" in said
    assert ("Traceback" in said) is traceback
