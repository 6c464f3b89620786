"""Settings from the environment: what is wrong there fails by its name."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from contactcenter.environment import Environment

env = Environment()


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("72", 72), ("10_000", 10_000), (" 3 ", 3)])
def test_a_whole_number_is_read(monkeypatch: pytest.MonkeyPatch, text: str, number: int) -> None:
    monkeypatch.setenv("CC_X", text)
    assert env.whole("CC_X", 9) == number


@pytest.mark.parametrize("text", ["", "0", "-1", "abc", "1.5", "nan", "1e3"])
def test_what_is_none_or_too_small_fails_by_its_name(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CC_X", text)
    with pytest.raises(ImproperlyConfigured, match=f"CC_X must be a whole number, at least 1, not '{text}'"):
        env.whole("CC_X", 9)


def test_what_is_not_there_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CC_X", raising=False)
    assert (env.whole("CC_X", 9), env.rate("CC_X", 0), env.decimal("CC_X", 0.5), env.switch("CC_X")) == (
        9, 0, 0.5, False
    )  # fmt: skip


def test_a_rate_may_be_0_and_no_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC_X", "0")
    assert env.rate("CC_X", 5) == 0
    monkeypatch.setenv("CC_X", "-1")
    with pytest.raises(ImproperlyConfigured, match="CC_X"):
        env.rate("CC_X", 5)


@pytest.mark.parametrize("text", ["nan", "inf", "0.01", "soon"])
def test_a_number_is_a_number(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CC_X", text)
    with pytest.raises(ImproperlyConfigured, match=r"CC_X must be a number, at least 0\.1"):
        env.decimal("CC_X", 3.0, least=0.1)


@pytest.mark.parametrize(("text", "on"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("No", False)])
def test_a_switch_is_on_or_off(monkeypatch: pytest.MonkeyPatch, text: str, on: bool) -> None:
    monkeypatch.setenv("CC_X", text)
    assert env.switch("CC_X") is on


def test_a_switch_that_is_neither_is_not_taken_as_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC_X", "ture")
    with pytest.raises(ImproperlyConfigured, match="CC_X must be on or off, not 'ture'"):
        env.switch("CC_X")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CC_LOG_IN_LINK_HOURS", "0"),
        ("CC_GUEST_SOCKETS", "many"),
        ("CC_BEHIND_PROXY", "perhaps"),
        ("CC_SENTRY_DSN", "tracker.example.org"),
        ("CC_METRICS_TOKEN", "guess-me"),
    ],
)
def test_the_product_does_not_start_with_a_wrong_setting(name: str, value: str) -> None:
    command = [sys.executable, "-c", "import contactcenter.settings"]
    ended = subprocess.run(command, env={**os.environ, name: value}, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(f"django.core.exceptions.ImproperlyConfigured: {name} must be ")


@pytest.mark.parametrize(
    ("name", "value"), [("CC_FILES_S3_ENDPOINT", "storage.example.org:9000"), ("CC_FILES_S3_ACCESS_KEY", "who")]
)
def test_nor_with_a_bucket_that_can_not_be_asked(name: str, value: str) -> None:
    command = [sys.executable, "-c", "import contactcenter.settings"]
    environ = {**os.environ, "CC_FILES_S3_BUCKET": "files", name: value}
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert ended.stderr.splitlines()[-1].startswith(f"django.core.exceptions.ImproperlyConfigured: {name} must be ")
