"""The one transaction of an action.

    @action
    def do_accept(tx: Tx, offer: Offer, agent: User) -> Assignment: ...

    do_accept(offer, agent)             # opens the transaction, commits, announces
    do_accept.within(tx, offer, agent)  # a step of a larger action

Lock order everywhere: Conversation, RoutingPass, AgentLoad by id. `select_for_update` names `of=` and `no_key=`.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import psycopg
import structlog
from django.conf import settings
from django.db import OperationalError, close_old_connections, connection, transaction
from django.db.backends.utils import CursorWrapper

from contactcenter.kernel import clock, events, ids

P = ParamSpec("P")
R = TypeVar("R")
log = structlog.get_logger(__name__)
_RETRIED = {"40001", "40P01"}  # serialization failure, deadlock: PostgreSQL asks to run it again
_TRIES = 4


def may_try_again(error: OperationalError) -> bool:
    """Whether PostgreSQL undid it all and asks to run it once more."""
    return getattr(error.__cause__, "sqlstate", None) in _RETRIED


class Tx:
    """What an action has at hand: its `now` and its events."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.recorded: list[events.Recorded] = []

    def record(self, event: events.Event, about: Any = None) -> None:
        """Note an event; it is written with the commit. `about` reaches the sinks of this process."""
        self.recorded.append(events.Recorded(ids.new(self.now), self.now, event, about))


class Action(Generic[P, R]):
    """An action function with its transaction around it."""

    def __init__(self, function: Callable[Concatenate[Tx, P], R]) -> None:
        self.within = function
        functools.update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(_TRIES - 1):
            try:
                return self._once(*args, **kwargs)
            except OperationalError as error:
                if not may_try_again(error):
                    raise
                log.info("action retried", action=self.within.__qualname__, error=str(error))
        return self._once(*args, **kwargs)

    def _once(self, *args: P.args, **kwargs: P.kwargs) -> R:
        tx = Tx(clock.now())
        with transaction.atomic(durable=True):
            result = self.within(tx, *args, **kwargs)
            if tx.recorded:
                events.write(tx.recorded)
        if tx.recorded:
            events.announce(tx.recorded)
        return result


action = Action


@functools.cache
def _socket_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=settings.CC_SOCKET_THREADS, thread_name_prefix="socket-db")


def in_thread(function: Callable[..., R]) -> Callable[..., Awaitable[R]]:
    """Run a database function from a socket's coroutine, on threads that belong to the sockets.

    The default executor has one thread for all of a process and halves the throughput; and `sync_to_async`
    costs more than many a query, because it also serves functions that call back into the loop (measured).
    """

    async def run(*args: Any, **kwargs: Any) -> R:
        _waiting.add()
        call = functools.partial(_with_connection, function, *args, **kwargs)
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(_socket_threads(), context.run, call)

    return run


def _with_connection(function: Callable[..., R], *args: Any, **kwargs: Any) -> R:
    _waiting.take()
    try:
        return function(*args, **kwargs)
    finally:
        if connection.errors_occurred or not _waiting.number:  # who is busy keeps the connection for the next call
            close_old_connections()


class _Waiting:
    """How many calls wait for a thread."""

    def __init__(self) -> None:
        self.number = 0
        self._lock = threading.Lock()

    def add(self) -> None:
        with self._lock:
            self.number += 1

    def take(self) -> None:
        with self._lock:
            self.number -= 1


_waiting = _Waiting()


class PreparedCursor(psycopg.Cursor[Any]):
    """Values are bound by the server, unlike with Django's own; the statement is kept for Django's log of queries."""

    def _convert_query(self, query: Any, params: Any = None) -> Any:
        self._query = super()._convert_query(query, params)
        return self._query


def prepared_cursor() -> CursorWrapper:
    """A cursor whose statements PostgreSQL parses and plans once a connection, with values bound by the server.

    For the few constant statements on the path of a message. Other cursors of the connection stay as they are.
    """
    connection.ensure_connection()
    connection.connection.prepare_threshold = 0
    wrap: Any = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    cursor: CursorWrapper = wrap(PreparedCursor(connection.connection))
    return cursor
