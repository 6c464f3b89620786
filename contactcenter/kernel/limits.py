"""Rate limits over the cache: fixed windows, counted in Redis, open when Redis is gone."""

from __future__ import annotations

from django.core.cache import cache

from contactcenter.kernel import clock
from contactcenter.kernel.errors import TooFast


def check_rate(name: str, key: str, *, limit: int, seconds: int) -> None:
    """Count one use of `name` by `key`.

    :raises TooFast: past `limit` uses in the window, with the seconds until it ends.
    """
    moment = clock.now().timestamp()
    window = int(moment // seconds)
    slot = f"rate:{name}:{key}:{window}"
    if cache.add(slot, 1, timeout=seconds + 1):
        return
    try:
        used = cache.incr(slot)
    except ValueError:  # expired between the two calls
        return
    if used > limit:
        raise TooFast(retry_after=(window + 1) * seconds - moment)
