"""A desk's socket client, written for the tests from the contract of the desk's socket, without the product's code.

It applies a push only if it is the next one, else asks what changed since; asks again after a cut; and keeps what
it was shown of each conversation.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from contextlib import suppress

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

_ROW = re.compile(r'id="message-([0-9a-f-]{36})"')


class Watcher(threading.Thread):
    """Joins every conversation that it is told of; `shown` holds the message ids by conversation.

    `sits`: its socket is open; one that still waits to be accepted outlives the server's death.
    """

    def __init__(self, url: str, cookies: dict[str, str]) -> None:
        super().__init__(name="watcher", daemon=True)
        self.url = url
        self.cookies = cookies
        self.known: dict[str, int] = {}
        self.shown: dict[str, Counter[str]] = {}
        self.cuts = 0
        self.gaps = 0
        self.sits = False
        self._wanted: set[str] = set()
        self._done = threading.Event()

    def watch(self, conversation_ids: set[str]) -> None:
        """Put these on screen too."""
        self._wanted = self._wanted | conversation_ids

    def stop(self) -> None:
        self._done.set()
        self.join(10)

    def run(self) -> None:
        while not self._done.is_set():
            try:
                self._sit()
            except (OSError, WebSocketException, httpx.HTTPError):
                self.sits = False
                self.cuts += 1
                time.sleep(0.3)

    def _sit(self) -> None:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        address = self.url.replace("http", "ws", 1) + "/ws/desk/"
        headers = {"Cookie": cookie}
        with connect(address, origin=self.url, additional_headers=headers, open_timeout=5) as socket:  # type: ignore[arg-type]
            joined: set[str] = set()
            self.sits = True
            while not self._done.is_set():
                for conversation in self._wanted - joined:
                    self._join(socket, conversation)
                    joined.add(conversation)
                with suppress(TimeoutError):
                    self._heard(socket, json.loads(socket.recv(timeout=0.2)))

    def _join(self, socket: ClientConnection, conversation: str) -> None:
        if conversation not in self.known:
            self.known[conversation] = 0
            self.shown[conversation] = Counter()
            self._ask_since(conversation)
        socket.send(json.dumps({"join": conversation, "seq": self.known[conversation]}))

    def _heard(self, socket: ClientConnection, frame: dict[str, object]) -> None:
        kind, _, conversation = str(frame.get("stream", "")).partition(":")
        if kind != "conversation" or conversation not in self.known:
            return
        if "behind" in frame:
            self._catch_up(socket, conversation)
        elif "html" in frame and "seq" in frame:
            seq = int(str(frame["seq"]))
            if seq == self.known[conversation] + 1:
                self._show(conversation, str(frame["html"]))
                self.known[conversation] = seq
            elif seq > self.known[conversation]:
                self._catch_up(socket, conversation)

    def _catch_up(self, socket: ClientConnection, conversation: str) -> None:
        self.gaps += 1
        self._ask_since(conversation)
        socket.send(json.dumps({"at": f"conversation:{conversation}", "seq": self.known[conversation]}))

    def _ask_since(self, conversation: str) -> None:
        address = f"{self.url}/desk/conversations/{conversation}/since/"
        answer = httpx.get(address, params={"seq": self.known[conversation]}, cookies=self.cookies, timeout=5)
        answer.raise_for_status()
        self._show(conversation, answer.text)
        self.known[conversation] = int(answer.headers["Desk-Head"])

    def _show(self, conversation: str, html: str) -> None:
        """A row replaces one with the same id, as in the page; so a set is what the screen shows."""
        self.shown[conversation].update(_ROW.findall(html))
