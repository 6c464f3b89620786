"""A customer's client for tests: it sends what one is told to, and believes nothing that it gets."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.channels_app.client.shapes import ShapeError, check_frame, check_history

Frame = dict[str, Any]
HEALTH_CHECK = "SGVhbHRoQ2hlY2tNZXNzYWdlSWQ="


class Refused(AssertionError):
    """The server answered with an error."""


class StrictGuest:
    """One socket. Each frame is checked for its shape, and messages for a time that is unique and rises."""

    def __init__(
        self, url: str, deployment: object, *, token: str = "", origin: str | None = None, features: str = ""
    ) -> None:
        self.url = url
        self.token = token or str(uuid.uuid4())
        self.deployment = str(deployment)
        self.seen: list[Frame] = []
        self._times: dict[str, str] = {}
        query = f"deploymentId={self.deployment}&application=strict-1" + (f"&features={features}" if features else "")
        address = f"{url.replace('http', 'ws', 1)}/v1?{query}"
        self.socket: ClientConnection = connect(address, origin=origin, open_timeout=5, legacy=True)

    # --- frames ------------------------------------------------------------------------------------

    def send(self, frame: Any) -> None:
        self.socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    def next(self, seconds: float = 5) -> Frame:
        """The next frame, checked. :raises TimeoutError, ShapeError:"""
        raw = self.socket.recv(timeout=seconds)
        if not isinstance(raw, str):
            raise ShapeError("a text frame wanted")
        frame: Frame = json.loads(raw)
        check_frame(frame, len(raw.encode()))
        self._check_time(frame)
        self.seen.append(frame)
        return frame

    def _check_time(self, frame: Frame) -> None:
        """Clients de-duplicate by `channel.time` and order by it. Typing and health checks aren't messages."""
        body = frame["body"] if frame["class"] == "StructuredMessage" else {}
        if frame["type"] == "response" or body.get("type") not in {"Text", "Structured"}:
            return
        at, known = body["channel"]["time"], self._times.get(body["id"])
        if known is None and any(at <= other for other in self._times.values()):
            raise ShapeError(f"channel.time {at} isn't later than what came before")
        if known is not None and known != at:
            raise ShapeError(f"message {body['id']} had another time before")
        self._times[body["id"]] = at

    def until(self, wanted: Callable[[Frame], bool], seconds: float = 5) -> Frame:
        deadline = time.monotonic() + seconds
        while True:
            frame = self.next(max(0.01, deadline - time.monotonic()))
            if wanted(frame):
                return frame

    def until_class(self, name: str, seconds: float = 5) -> Frame:
        return self.until(lambda frame: frame["class"] == name, seconds)

    def until_presence(self, name: str, seconds: float = 5) -> Frame:
        return self.until(lambda frame: presence_of(frame) == name, seconds)

    def hears_nothing(self, seconds: float = 0.5) -> bool:
        try:
            self.next(seconds)
        except TimeoutError:
            return True
        return False

    def until_closed(self, seconds: float = 5) -> int | None:
        """The code that the server closed with."""
        deadline = time.monotonic() + seconds
        try:
            while True:
                self.next(max(0.01, deadline - time.monotonic()))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None

    def close(self) -> None:
        self.socket.close()

    # --- requests ----------------------------------------------------------------------------------

    def ask(self, action: str, **fields: Any) -> Frame:
        """The answer, whatever it is."""
        tracing = str(uuid.uuid4())
        self.send({"action": action, "token": self.token, "tracingId": tracing, **fields})
        return self.until(lambda frame: frame.get("tracingId") == tracing)

    def get(self, action: str, **fields: Any) -> Frame:
        """The body of a good answer. :raises Refused:"""
        answer = self.ask(action, **fields)
        if answer["code"] != 200:
            raise Refused(f"{answer['code']} {answer['body']}")
        body: Frame = answer["body"]
        return body

    def configure(self, **fields: Any) -> Frame:
        return self.get("configureSession", deploymentId=self.deployment, **fields)

    def authenticate(self, jwt: str, **fields: Any) -> Frame:
        return self.get(
            "configureAuthenticatedSession",
            deploymentId=self.deployment,
            data={"code": jwt},
            **{"startNew": False, **fields},
        )

    def say(self, text: str, **message: Any) -> Frame:
        return self.get("onMessage", message={"type": "Text", "text": text, **message})

    def presence(self, name: str, **message: Any) -> None:
        events = [{"eventType": "Presence", "presence": {"type": name}}]
        self.send({
            "action": "onMessage", "token": self.token, "tracingId": str(uuid.uuid4()),
            "message": {"type": "Event", "events": events, **message},
        })  # fmt: skip

    def types(self) -> None:
        events = [{"eventType": "Typing", "typing": {"type": "On"}}]
        self.send({"action": "onMessage", "token": self.token, "message": {"type": "Event", "events": events}})

    # --- REST --------------------------------------------------------------------------------------

    def history(self, *, features: str = "") -> list[Frame]:
        """All pages, the way that the SDKs fetch them: until an empty one. Oldest first."""
        jwt = self.get("getJwt")["jwt"]
        found: list[Frame] = []
        for number in range(1, 50):
            page = self.history_page(jwt, number, features=features)
            if not page["entities"]:
                return found[::-1]
            found += page["entities"]
        raise ShapeError("the history doesn't end")

    def history_page(self, jwt: str, number: int = 1, size: int = 25, *, features: str = "") -> Frame:
        answer = httpx.get(
            f"{self.url}/api/v2/webmessaging/messages",
            params={"pageNumber": number, "pageSize": size, **({"features": features} if features else {})},
            headers={"Authorization": f"bearer {jwt}", "Origin": self.url},
        )
        if answer.status_code != 200:
            raise Refused(f"{answer.status_code} {answer.text}")
        page: Frame = answer.json()
        check_history(page)
        return page


def presence_of(frame: Frame) -> str | None:
    body = frame["body"] if frame["class"] == "StructuredMessage" else {}
    kinds = [one["presence"]["type"] for one in body.get("events", []) if one["eventType"] == "Presence"]
    return kinds[0] if kinds else None


def text_of(frame: Frame) -> str | None:
    return frame["body"].get("text") if frame["class"] == "StructuredMessage" else None
