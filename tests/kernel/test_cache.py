"""The cache and the limits, with Redis and without."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.cache import caches

from contactcenter.kernel import clock, limits
from contactcenter.kernel.cache import FailOpenRedisCache
from contactcenter.kernel.errors import TooFast

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def gone(tmp_path: Path) -> FailOpenRedisCache:
    """A cache whose Redis isn't there."""
    return FailOpenRedisCache(f"unix://{tmp_path}/none.sock", {})


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


def use(key: str, times: int, *, limit: int = 3) -> None:
    for _ in range(times):
        limits.check_rate("test", key, limit=limit, seconds=60)


def test_without_redis_every_read_is_a_miss(gone: FailOpenRedisCache) -> None:
    assert gone.get("a") is None
    assert gone.get("a", "default") == "default"
    assert gone.get_many(["a", "b"]) == {}
    assert gone.has_key("a") is False
    assert "a" not in gone


def test_without_redis_no_write_fails(gone: FailOpenRedisCache) -> None:
    gone.set("a", 1)
    assert gone.set_many({"a": 1}) == []
    assert gone.add("a", 1) is True
    assert gone.touch("a") is False
    assert gone.delete("a") is False
    assert gone.incr("a", 2) == 2
    gone.clear()


def test_without_redis_deleting_several_is_no_error(gone: FailOpenRedisCache) -> None:
    gone.delete_many(["a", "b"])


def test_without_redis_get_or_set_makes_the_value(gone: FailOpenRedisCache) -> None:
    assert gone.get_or_set("a", lambda: "made") == "made"


def test_with_redis_it_keeps(key: str) -> None:
    cache = caches["default"]
    assert isinstance(cache, FailOpenRedisCache)
    assert cache.get(key) is None
    cache.set(key, {"a": 1}, timeout=60)
    assert cache.get(key) == {"a": 1}
    assert cache.add(key, 2) is False


def test_with_redis_a_mistake_of_the_caller_is_still_an_error(key: str) -> None:
    with pytest.raises(ValueError, match=key):
        caches["default"].incr(key)


def test_up_to_the_limit_passes(key: str) -> None:
    with clock.at(NINE):
        use(key, 3)


def test_past_the_limit_is_too_fast_and_says_how_long(key: str) -> None:
    with clock.at(NINE + timedelta(seconds=20)):
        use(key, 3)
        with pytest.raises(TooFast) as refusal:
            use(key, 1)
    assert refusal.value.retry_after == pytest.approx(40)


def test_the_next_window_starts_again(key: str) -> None:
    with clock.at(NINE):
        use(key, 3)
    with clock.at(NINE + timedelta(seconds=60)):
        use(key, 3)


def test_another_key_has_a_limit_of_its_own(key: str) -> None:
    with clock.at(NINE):
        use(key, 3)
        use(key + "x", 3)


def test_without_redis_there_is_no_limit(gone: FailOpenRedisCache, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "cache", gone)
    use(key, 50)
