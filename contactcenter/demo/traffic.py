"""Live customers over the guest protocol: an open loop of messages, through whatever happens to the server.

Each message has a `customMessageId`; until it is acknowledged it is sent again with the same one, after a
cut, an error of the server or a silence. What a customer was shown, and what was acknowledged, goes into the
ledger: the oracle of the fault tests. Source of the frames: the guest protocol's public clients.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from contactcenter.demo.dialogues import details, texts
from contactcenter.demo.ledger import Ledger, Said
from contactcenter.demo.plan import Plan, check_loopback
from contactcenter.kernel import clock

SILENCE = 10.0  # seconds without the answer to something sent: this connection is dead
RESEND_GAP = 0.25  # seconds between messages of one session: the protocol allows five a second
FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.1, 3.0
LAST_ANSWERS, IF_STOPPED = 20.0, 3.0  # seconds that the end waits for what isn't acknowledged; if told to stop
LEAVES_WITHIN, LEAVE_TRIES = 2.0, 3  # seconds (longer than a socket's close) until who is still there is told again
OPENING, OPENED_WITHIN = 20, 10.0  # sockets that are opened at once; seconds before the first message is due anyway
READS_ON = (1.0, 4.0)  # seconds that a customer looks at the messenger after their last message
REPORT_EVERY = 5.0
RETURNS = 0.7  # of the customers who leave, so many come back; for the others somebody new comes
TOO_FAST, GONE = 429, (4006, 4007)
_LOST = (OSError, WebSocketException, TimeoutError)


class Traffic:
    """All customers of one run."""

    def __init__(self, plan: Plan, ledger: Ledger, tell: Callable[[str], None]) -> None:
        check_loopback(plan.base_url)
        self.plan = plan
        self.ledger = ledger
        self.tell = tell
        self.stopping = asyncio.Event()
        self.opening = asyncio.Semaphore(OPENING)
        self.lines = [said.text for one in texts().of("Orders", "en") for said in one.lines if said.kind == "customer"]
        self._began = time.monotonic()

    async def run(self) -> None:
        """Until the time is over or `stopping` is set; then until all is acknowledged, or nobody waits longer."""
        async with httpx.AsyncClient(base_url=self.plan.base_url, timeout=5) as rest:
            customers = [
                Customer(self, self.plan.deployments[index % len(self.plan.deployments)], rest, seed=index)
                for index in range(self.plan.customers)
            ]
            living = [asyncio.create_task(one.live()) for one in customers]
            reports = asyncio.create_task(self._report())
            try:
                await self._open(customers)
                await self._pace(customers)
                await self._drain(customers)
            finally:
                await _end([*living, reports])
                self._count_left_over(customers)
        self.tell(self.ledger.line(time.monotonic() - self._began))

    async def _open(self, customers: list[Customer]) -> None:
        """Until everybody was connected once, or nobody waits longer."""

        async def all_there() -> None:
            for one in customers:
                await one.there.wait()

        waiting = {asyncio.create_task(all_there()), asyncio.create_task(self.stopping.wait())}
        await asyncio.wait(waiting, timeout=OPENED_WITHIN, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    async def _pace(self, customers: list[Customer]) -> None:
        """An open loop: what the server does never changes when the next message is due."""
        self._began, wall = time.monotonic(), clock.now()
        for index, customer in zip(itertools.count(), itertools.cycle(customers), strict=False):
            after = index / self.plan.rate
            if self.plan.seconds and after >= self.plan.seconds:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), max(0.0, self._began + after - time.monotonic()))
            if self.stopping.is_set():
                return
            customer.is_to_say(self._began + after, wall + timedelta(seconds=after))

    async def _drain(self, customers: list[Customer]) -> None:
        began = time.monotonic()
        while any(one.pending for one in customers):
            if time.monotonic() - began >= (IF_STOPPED if self.stopping.is_set() else LAST_ANSWERS):
                return
            await asyncio.sleep(0.05)

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(REPORT_EVERY)
            self.tell(self.ledger.line(time.monotonic() - self._began))

    def _count_left_over(self, customers: list[Customer]) -> None:
        for said in itertools.chain.from_iterable(one.pending.values() for one in customers):
            self.ledger.left_over(said)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel them until they are gone: one cancel can be lost in a library that answers at the same moment."""
    pending = set(tasks)
    for _ in range(LEAVE_TRIES):
        for task in pending:
            task.cancel()
        _done, pending = await asyncio.wait(pending, timeout=LEAVES_WITHIN)
        if not pending:
            break
    await asyncio.gather(*(task for task in tasks if task.done()), return_exceptions=True)


class Customer:
    """Somebody with a browser tab: a session token, a socket now and then, and things still to be acknowledged."""

    def __init__(self, traffic: Traffic, deployment: str, rest: httpx.AsyncClient, *, seed: int) -> None:
        self.traffic = traffic
        self.ledger = traffic.ledger
        self.deployment = deployment
        self.rest = rest
        self.rng = random.Random(seed)  # noqa: S311 what a demo's customer says
        self.pending: dict[str, Said] = {}  # by customMessageId, in order
        self.wake = asyncio.Event()
        self.there = asyncio.Event()  # was connected once
        self._connection = -1
        self._somebody_new()

    def _somebody_new(self) -> None:
        self.token = str(uuid.uuid4())
        self.known: set[str] = set()  # ids of messages that this customer has seen
        self.noted: set[str] = set()  # of these, the company's that are in the ledger
        self.mine: dict[str, Said] = {}  # by customMessageId, and by tracing id
        self.last_time = ""
        self._begin_to_talk()

    def _begin_to_talk(self) -> None:
        self.left_to_say = self.rng.randint(3, 9)
        self.leaves_at = 0.0

    def is_to_say(self, due: float, at: datetime) -> None:
        """A message is due now, whether or not there is a connection."""
        text = self.rng.choice(self.traffic.lines).format(name="", agent="", **details("en", self.rng)).strip()
        said = Said(self.token, str(uuid.uuid4()), text, due, at)
        self.pending[said.custom_id] = said
        self.ledger.counts.due += 1
        self.wake.set()

    # --- connections ---------------------------------------------------------------------------

    async def live(self) -> None:
        """Connect, come back later, and again after a cut, until cancelled."""
        failures = 0
        while True:
            try:
                await self._visit()
                failures = 0
                if self.rng.random() > RETURNS and not self.pending:
                    self._somebody_new()
                self._begin_to_talk()
            except _LOST:
                self.ledger.counts.cut += 1
                longest = min(FIRST_BACK_OFF * 2**failures, LONGEST_BACK_OFF)
                failures = min(failures + 1, 10)
                await asyncio.sleep(longest * self.rng.uniform(0.5, 1))

    async def _visit(self) -> None:
        """One connection, until the customer has said enough. :raises: one of _LOST when it is cut."""
        address = self.traffic.plan.base_url.replace("http", "ws", 1)
        url = f"{address}/v1?deploymentId={self.deployment}&application=demo-traffic"
        async with self.traffic.opening:
            socket = await connect(url, open_timeout=SILENCE, close_timeout=1, compression=None)
        self._connection += 1
        self._here: set[str] = set()
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        reader = asyncio.create_task(self._read(socket))
        try:
            await self._configure(socket)
            self.ledger.counts.connections += 1
            self.there.set()
            await self._talk(socket, reader)
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            await socket.close()

    async def _configure(self, socket: ClientConnection) -> None:
        answer = await self._ask(socket, "configureSession", deploymentId=self.deployment)
        if answer["code"] in GONE:
            self._give_up(answer["code"])
        elif answer["code"] != 200:
            raise TimeoutError
        elif not answer["body"]["newSession"] and self._connection:
            await self._fetch_history(socket)

    async def _ask(self, socket: ClientConnection, action: str, **fields: Any) -> dict[str, Any]:
        tracing = str(uuid.uuid4())
        self._answers[tracing] = asyncio.get_running_loop().create_future()
        await socket.send(json.dumps({"action": action, "token": self.token, "tracingId": tracing, **fields}))
        async with asyncio.timeout(SILENCE):  # in Python 3.11 `wait_for` loses a cancel that meets the answer
            return await self._answers[tracing]

    async def _fetch_history(self, socket: ClientConnection) -> None:
        """What was said while nobody was connected: the protocol leaves that to REST."""
        answer = await self._ask(socket, "getJwt")
        if answer["code"] != 200:
            raise TimeoutError
        headers = {"Authorization": f"bearer {answer['body']['jwt']}"}
        try:
            page = await self.rest.get("/api/v2/webmessaging/messages", headers=headers, params={"pageSize": 100})
            entities = page.json()["entities"] if page.is_success else []
        except (httpx.HTTPError, ValueError) as error:
            raise TimeoutError from error
        for entity in reversed(entities):
            if entity.get("direction") == "Outbound":
                self._shown(entity, by="history")

    # --- talking -------------------------------------------------------------------------------

    async def _talk(self, socket: ClientConnection, reader: asyncio.Task[None]) -> None:
        while self._stays():
            self.wake.clear()
            pause = await self._send_what_is_due(socket)
            waiting = asyncio.create_task(self.wake.wait())
            await asyncio.wait({reader, waiting}, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if reader.done():
                reader.result()
                raise TimeoutError  # the server closed it in order
            if any(one.not_before + SILENCE < time.monotonic() for one in self._unanswered()):
                raise TimeoutError

    def _stays(self) -> bool:
        if self.left_to_say > 0 or self.pending:
            return True
        self.leaves_at = self.leaves_at or time.monotonic() + self.rng.uniform(*READS_ON)
        return time.monotonic() < self.leaves_at

    def _unanswered(self) -> list[Said]:
        return [one for one in self.pending.values() if one.sent_on == self._connection]

    async def _send_what_is_due(self, socket: ClientConnection) -> float:
        """Send what this connection hasn't sent yet; gives the seconds until there may be something again."""
        for said in list(self.pending.values()):
            if said.sent_on == self._connection:
                continue
            wait = said.not_before - time.monotonic()
            if wait > 0:
                return wait
            await self._send(socket, said)
            if said.sends > 1:
                await asyncio.sleep(RESEND_GAP)
        return 1.0

    async def _send(self, socket: ClientConnection, said: Said) -> None:
        tracing = str(uuid.uuid4())
        self.mine[tracing] = self.mine[said.custom_id] = said
        said.sent_on, said.not_before = self._connection, time.monotonic()
        said.sends += 1
        if said.first_sent is None:
            said.first_sent = clock.now()
            self.ledger.counts.sent += 1
            self.left_to_say -= 1
        else:
            self.ledger.counts.resent += 1
        message = {"type": "Text", "text": said.text, "metadata": {"customMessageId": said.custom_id}}
        frame = {"action": "onMessage", "token": said.session, "tracingId": tracing, "message": message}
        await socket.send(json.dumps(frame))

    # --- reading -------------------------------------------------------------------------------

    async def _read(self, socket: ClientConnection) -> None:
        async for raw in socket:
            frame = json.loads(raw)
            tracing = frame.get("tracingId")
            if tracing in self._answers:
                if not self._answers[tracing].done():
                    self._answers[tracing].set_result(frame)
            elif tracing in self.mine:
                self._answered(self.mine[tracing], frame)
            elif frame["class"] == "StructuredMessage" and frame["body"].get("type") in ("Text", "Structured"):
                self._shown(frame["body"], by="socket")

    def _answered(self, said: Said, frame: dict[str, Any]) -> None:
        code = frame["code"]
        if code == 200 and frame["class"] == "StructuredMessage":
            self._note_order(frame["body"])
            self.ledger.acknowledged(said, frame["body"]["id"], time.monotonic() - said.due)
            self.pending.pop(said.custom_id, None)
        elif said.custom_id not in self.pending:
            return  # acknowledged before, on another connection
        elif code in GONE:
            self._give_up(code)
        elif code == TOO_FAST or code >= 500:  # too fast, or the server's trouble: the same again, later
            wait = frame["body"]["retryAfter"] if code == TOO_FAST and isinstance(frame["body"], dict) else 1.0
            said.sent_on, said.not_before = -1, time.monotonic() + wait
        else:
            self.ledger.refused(said, code)
            del self.pending[said.custom_id]
        self.wake.set()

    def _give_up(self, code: int) -> None:
        """The session is over: what it had to say can't be said any more, and somebody new comes."""
        for said in self.pending.values():
            self.ledger.refused(said, code)
        self.pending.clear()
        self._somebody_new()
        raise TimeoutError

    def _shown(self, body: dict[str, Any], *, by: str) -> None:
        """A message of the company, or of this session's other sockets."""
        message_id = body["id"]
        if by == "socket":
            self.ledger.counts.repeats += message_id in self._here
            self._here.add(message_id)
            self._note_order(body)
        self.known.add(message_id)
        if body.get("direction") == "Outbound" and message_id not in self.noted:
            self.noted.add(message_id)
            self.ledger.received(self.token, message_id, body.get("text", ""), now=clock.now(), by=by)

    def _note_order(self, body: dict[str, Any]) -> None:
        """`channel.time` rises within a session; ISO 8601 in UTC compares as text."""
        if body["id"] not in self.known:
            moment = str(body.get("channel", {}).get("time", ""))
            self.ledger.counts.out_of_order += moment < self.last_time
            self.last_time = max(self.last_time, moment)
            self.known.add(body["id"])
