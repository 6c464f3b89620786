"""The live layer: the only place that talks to the channel layer, and that layer itself, over Redis.

Lossy by contract. A push names a stream and, where the stream has an order, its sequence; what is
lost is found by the comparison of heads: every few seconds a process asks the registered heads of
all streams that its sockets joined, in one query a kind for a hundred sockets, and tells each that is behind.
A stream is `kind:id`, e.g. `conversation:0199…`.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
import weakref
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
import uvloop
from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer
from channels_redis.utils import create_pool, decode_hosts
from django.conf import settings
from redis.asyncio import Redis

from contactcenter.kernel.db import in_thread
from contactcenter.kernel.rounds import Round

log = structlog.get_logger(__name__)
Heads = Callable[[Collection[str]], Mapping[str, int]]
Message = Mapping[str, Any] | Callable[[], Mapping[str, Any]]
MOST_AT_ONCE = 100  # pushes in one round trip
COMPARED_AT_ONCE = 100  # sockets whose heads are asked for together
_heads: dict[str, Heads] = {}


def register_heads(kind: str, heads: Heads) -> None:
    """`heads(ids)` gives the current sequence of each stream of a kind, by id as text."""
    _heads[kind] = heads


def publish(stream: str, message: Message, *, in_hand: bool = False) -> None:
    """Send `message` (JSON values) to all sockets on a stream. Never raises for a store that is gone.

    A function is called for its message only if somebody listens: after the return, on a thread of the sockets;
    with `in_hand` in the sender's loop itself, for one that asks neither a database nor a disk.
    """
    loop = _loop()
    if len(_handed) >= settings.CC_LIVE_BACKLOG:
        log.warning("push dropped, backlog full", stream=stream)
        return
    _handed.append(_Push(stream, message, in_hand))
    if not _awake.is_set():  # waking the sender costs more than sending: it takes all that came meanwhile
        _awake.set()
        loop.call_soon_threadsafe(_wake_up)


@dataclass(frozen=True, slots=True)
class _Push:
    """What waits to be sent."""

    stream: str
    message: Message
    in_hand: bool

    async def made(self) -> dict[str, Any] | None:
        """What the consumers get; None when it couldn't be made, which heads repair."""
        message = self.message
        try:
            if callable(message):
                message = message() if self.in_hand else await in_thread(message)()
        except Exception:  # a named edge: whatever a function of ours may raise, the others go on
            log.exception("push not made", stream=self.stream)
            return None
        return {"type": "live.push", "stream": self.stream, "message": dict(message)}


def heard(streams: Iterable[str]) -> set[str]:
    """Those of the streams that a socket of any process listens to. With the store gone: none is known of."""
    wanted = list(streams)
    layer = get_channel_layer()
    if not wanted or not isinstance(layer, StreamLayer):
        return set()
    asked = asyncio.run_coroutine_threadsafe(layer.listened([group(stream) for stream in wanted]), _loop())
    try:
        found = asked.result(timeout=5)
    except Exception as error:  # a named edge: the store is gone or slow
        log.warning("listeners unknown", error=str(error))
        return set()
    return {stream for stream in wanted if group(stream) in found}


# --- sending: one loop in one thread a process, so that one connection to Redis serves all -------

_sender: asyncio.AbstractEventLoop | None = None
_sender_pid = 0
_start = threading.Lock()
_handed: deque[_Push] = deque()
_awake = threading.Event()


def _loop() -> asyncio.AbstractEventLoop:
    import os

    global _sender, _sender_pid
    if _sender is None or _sender_pid != os.getpid():
        with _start:
            if _sender is None or _sender_pid != os.getpid():
                fresh = uvloop.new_event_loop()
                _handed.clear()  # after a fork: what the parent was about to send
                _awake.clear()
                threading.Thread(target=fresh.run_forever, name="live-sender", daemon=True).start()
                _sender, _sender_pid = fresh, os.getpid()
    return _sender


_drain: asyncio.Task[None] | None = None


def _wake_up() -> None:
    global _drain
    if _drain is None or _drain.done() or _drain.get_loop() is not asyncio.get_running_loop():
        _drain = asyncio.ensure_future(_send_handed())


async def _send_handed() -> None:
    """In order, what waits together together: two pushes of a stream never overtake each other on the way out."""
    layer = get_channel_layer()
    try:
        while _handed:
            waiting = [_handed.popleft() for _ in range(min(len(_handed), MOST_AT_ONCE))]
            try:
                await _send(layer, waiting)
            except Exception as error:  # a named edge: the store is gone or slow; heads repair it
                log.warning("push lost", streams=sorted({one.stream for one in waiting}), error=str(error))
    finally:
        _awake.clear()
        if _handed:  # handed over between the last look and the clearing, by somebody who saw us awake
            _awake.set()
            asyncio.get_running_loop().call_soon(_wake_up)


async def _send(layer: Any, waiting: Sequence[_Push]) -> None:
    """What nobody listens to isn't made and isn't sent."""
    if isinstance(layer, StreamLayer):
        heard = await layer.listened(list({group(one.stream) for one in waiting}))
        waiting = [one for one in waiting if group(one.stream) in heard]
    pushes = [(group(one.stream), made) for one in waiting if (made := await one.made())]
    if isinstance(layer, StreamLayer):
        if pushes:
            await layer.send_many(pushes)
        return
    for name, push in pushes:
        await layer.group_send(name, push)


def group(stream: str) -> str:
    """The layer's name of a stream: it allows letters, digits, `-_.` and 99 characters."""
    return stream.replace(":", ".")


# --- receiving ---------------------------------------------------------------------------------


class LiveConsumer(AsyncWebsocketConsumer):
    """A socket that joins streams. Subclasses say what a push and a gap look like on their wire."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.streams: dict[str, int] = {}  # stream -> last sequence that this socket is known to have
        self.unheard: set[str] = set()  # joined while Redis was gone: to be joined again

    async def dispatch(self, message: Mapping[str, Any]) -> None:
        """As Channels does it, but without a visit to another thread before each event to close the old
        connections of that thread: a socket's queries close their own (`in_thread`)."""
        await getattr(self, get_handler_name(message))(message)

    async def join(self, stream: str, seq: int = 0) -> None:
        """Authorise before you call. `seq` is what the client already shows."""
        fresh = stream not in self.streams
        self.streams[stream] = seq
        if fresh:
            await self._listen(stream)
        _compared.watch(self)

    async def _listen(self, stream: str) -> None:
        try:
            await self.channel_layer.group_add(group(stream), self.channel_name)
            self.unheard.discard(stream)
        except Exception as error:  # a named edge: Redis gone; until it is back the heads find what is missed
            self.unheard.add(stream)
            log.warning("stream not joined, heads will serve it", stream=stream, error=str(error))

    async def listen_again(self) -> None:
        """Join what couldn't be joined."""
        for stream in self.unheard & self.streams.keys():
            await self._listen(stream)

    async def leave(self, stream: str) -> None:
        """Stop listening. Leaving what wasn't joined does nothing."""
        if self.streams.pop(stream, None) is None:
            return
        if not self.streams:
            _compared.forget(self)
        self.unheard.discard(stream)
        try:
            await self.channel_layer.group_discard(group(stream), self.channel_name)
        except Exception as error:  # a named edge: Redis gone, and with it the membership
            log.warning("stream not left", stream=stream, error=str(error))

    async def live_push(self, event: Mapping[str, Any]) -> None:
        """Called by the layer."""
        if event["stream"] in self.streams:
            await self.pushed(event["stream"], event["message"])

    async def pushed(self, stream: str, message: Mapping[str, Any]) -> None:
        """Forward a push; advance `self.streams[stream]` if it was the next one."""
        raise NotImplementedError

    async def behind(self, stream: str, head: int) -> None:
        """This socket misses something of a stream, whose sequence is now `head`."""
        raise NotImplementedError


# --- the comparison of heads ---------------------------------------------------------------------


async def compare_heads(sockets: Sequence[LiveConsumer] | None = None) -> None:
    """Ask for the heads of all streams of these sockets (None: of all) and tell each that was behind before asking."""
    if sockets is None:
        sockets = _compared.watched()
    wanted: dict[str, set[str]] = {}
    before = [(socket, dict(socket.streams)) for socket in sockets]
    for _, streams in before:
        for stream in streams:
            kind, _, key = stream.partition(":")
            if kind in _heads:
                wanted.setdefault(kind, set()).add(key)
    for socket in sockets:
        if socket.unheard:
            await socket.listen_again()
    for kind, keys in wanted.items():
        heads = await in_thread(_heads[kind])(keys)
        await asyncio.gather(
            *(_tell(socket, streams, kind, heads) for socket, streams in before), return_exceptions=True
        )


async def _tell(socket: LiveConsumer, streams: Mapping[str, int], kind: str, heads: Mapping[str, int]) -> None:
    for stream in streams:
        of, _, key = stream.partition(":")
        # a push that arrived while we asked has raised the socket's own number: then it isn't behind
        if of == kind and key in heads and socket.streams.get(stream, heads[key]) < heads[key]:
            await socket.behind(stream, heads[key])


_compared = Round("heads", compare_heads, seconds=lambda: settings.CC_HEADS_SECONDS, at_once=COMPARED_AT_ONCE)


# --- over Redis --------------------------------------------------------------------------------


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
