"""The channel layer, with what the live layer needs: who listens, many at once, and sockets that open without Redis."""

from __future__ import annotations

import asyncio
import uuid
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer
from channels_redis.utils import create_pool, decode_hosts
from redis.asyncio import Redis


class StreamLayer(RedisPubSubChannelLayer):
    """Redis pub/sub on one server. What it publishes arrives like a `group_send`."""

    def __init__(self, *args: Any, hosts: Sequence[Any], prefix: str, **kwargs: Any) -> None:
        super().__init__(*args, hosts=hosts, prefix=prefix, **kwargs)
        self._prefix = prefix
        self._host = decode_hosts(hosts)[0]
        self._senders: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Redis] = weakref.WeakKeyDictionary()

    async def new_channel(self, prefix: str = "specific.") -> str:
        """A socket's own queue. Nothing is sent to a single socket, pushes go to groups and are handed out within
        the process: so it needs no subscription, and a socket can open while Redis is gone."""
        own = self._get_layer()
        channel = f"{own.prefix}{prefix}{uuid.uuid4().hex}"
        own.channels[channel] = asyncio.Queue()
        return channel

    async def listened(self, groups: Sequence[str]) -> set[str]:
        """Those of the groups that a socket of any process has joined."""
        counts = await self._sender().pubsub_numsub(*map(self._name, groups))
        heard = {name.decode() if isinstance(name, bytes) else name for name, number in counts if number}
        return {group for group in groups if self._name(group) in heard}

    async def send_many(self, messages: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """(group, message) each, in order, in one round trip."""
        pipeline = self._sender().pipeline(transaction=False)
        for group, message in messages:
            pipeline.publish(self._name(group), self.serialize(message))
        await pipeline.execute()

    def _name(self, group: str) -> str:
        return f"{self._prefix}__group__{group}"  # as the base class names it

    def _sender(self) -> Redis:
        loop = asyncio.get_running_loop()
        if loop not in self._senders:
            self._senders[loop] = Redis(connection_pool=create_pool(self._host))
        return self._senders[loop]
