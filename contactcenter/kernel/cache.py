"""The cache: Redis, and when Redis is gone, as if it were empty (limits then let everything through)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


def _open(default: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def wrap(method: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                return method(*args, **kwargs)
            except (RedisError, OSError) as error:
                log.warning("cache unavailable", operation=method.__name__, error=str(error))
                return default() if callable(default) else default

        return guarded

    return wrap


class FailOpenRedisCache(RedisCache):
    """Django's Redis cache, with every failure of the store answered like a miss."""

    get_many = _open(dict)(RedisCache.get_many)
    set_many = _open(list)(RedisCache.set_many)
    add = _open(True)(RedisCache.add)
    set = _open(None)(RedisCache.set)
    touch = _open(False)(RedisCache.touch)
    delete = _open(False)(RedisCache.delete)
    delete_many = _open(None)(RedisCache.delete_many)
    has_key = _open(False)(RedisCache.has_key)
    clear = _open(None)(RedisCache.clear)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return _open(default)(super().get)(key, default, version)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> Any:
        return _open(delta)(super().incr)(key, delta, version)
