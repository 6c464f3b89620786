"""Errors reach a tracker, from pages, sockets, tasks and sinks; what customers said, names and secrets never do."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from signal import SIGKILL
from typing import Any, cast

import httpx
import pytest
from django.conf import settings
from websockets.sync.client import connect

from contactcenter.celery import app
from contactcenter.kernel.error_tracking import check_dsn
from contactcenter.up.child import spawn
from tests.kernel import failing
from tests.product import eventually

QUEUE = "kernel-test-failing"


@dataclass
class Tracker:
    """A tracker's endpoint for envelopes, over HTTP: what it was sent, and as what."""

    bodies: list[bytes] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def dsn(self) -> str:
        return f"http://publickey@127.0.0.1:{self.port}/7"

    def take(self, path: str, authorization: str, body: bytes) -> int:
        """An envelope: lines of JSON, a head of its own for the whole and for each item."""
        if path != "/api/7/envelope/" or "sentry_key=publickey" not in authorization:
            self.refused.append(path)
            return 401
        self.bodies.append(body)
        _, *items = body.splitlines()
        for head, payload in zip(items[::2], items[1::2], strict=True):
            assert json.loads(head)["type"] == "event"
            self.events.append(json.loads(payload))
        return 200

    def about(self, kind: str) -> dict[str, Any]:
        """The event about an exception of this type, or with these words."""
        return cast("dict[str, Any]", eventually(lambda: self._found(kind), seconds=60, message=f"no event: {kind}"))

    def _found(self, kind: str) -> dict[str, Any] | None:
        return next((one for one in self.events if kind in (one["logentry"]["message"], *types(one))), None)


def types(event: dict[str, Any]) -> list[str]:
    return [one["type"] for one in event.get("exception", {}).get("values", [])]


@pytest.fixture(scope="module")
def tracker() -> Iterator[Tracker]:
    found = Tracker()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            whole = gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body
            self.send_response(found.take(self.path, self.headers["X-Sentry-Auth"], whole))
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Not into the test's output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()


@pytest.fixture(scope="module")
def web(tracker: Tracker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The failing pages and sockets in a web process, the failing task in a worker; the address of the pages."""
    folder = tmp_path_factory.mktemp("failing")
    listener = socket.create_server(("127.0.0.1", 0))
    uvicorn = ["uvicorn", "tests.kernel.failing:web", f"--fd={listener.fileno()}", "--lifespan=off"]
    celery = ["celery", "-A", "contactcenter", "worker", f"--queues={QUEUE}", "--concurrency=1", "--loglevel=WARNING"]
    started = [
        _spawn(folder / "web.log", "web", tracker, uvicorn, listener),
        _spawn(folder / "worker.log", "worker", tracker, [*celery, "--include=tests.kernel.failing"]),
    ]
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for process in started:  # nothing is to be finished: a worker's quiet end can take longer than a test may
            os.killpg(process.pid, SIGKILL)
            process.wait(20)
        listener.close()


def _spawn(log: Path, process: str, tracker: Tracker, module: list[str], *inherit: socket.socket) -> Any:
    environ = {"CC_SENTRY_DSN": tracker.dsn, "CC_PROCESS": process, "REDIS_URL": settings.REDIS_URL}
    with log.open("ab") as file:
        return spawn(
            [sys.executable, "-m", *module],
            log=file.fileno(),
            env={**os.environ, **environ},
            cwd=settings.BASE_DIR,
            inherit=tuple(one.fileno() for one in inherit),
        )


def test_a_failed_page_is_told_with_its_route_and_its_place_in_the_code(tracker: Tracker, web: str) -> None:
    answer = httpx.post(
        f"http://{web}/page/{failing.SECRET}/?said={failing.SAID}",
        content=failing.SAID,
        headers={"Authorization": failing.SECRET, "User-Agent": failing.NAME.encode()},
        cookies={"token": failing.SECRET},
        timeout=60,
    )
    assert answer.status_code == 500
    event = tracker.about("ValueError")
    assert types(event) == ["KeyError", "ValueError"]
    assert event["tags"] == {"process": "web", "method": "POST", "route": "page/<str:secret>/"}
    place = event["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    assert (place["module"], place["function"]) == ("tests.kernel.failing", "page")
    assert event["release"].startswith("contactcenter@0.")


def test_a_failed_socket_is_told(tracker: Tracker, web: str) -> None:
    with connect(f"ws://{web}/socket/", open_timeout=60) as line:
        line.send(failing.SAID)
        assert types(tracker.about("LookupError")) == ["LookupError"]


def test_a_failed_sink_is_told_by_its_name_and_the_caller_hears_of_the_commit(tracker: Tracker, web: str) -> None:
    assert httpx.get(f"http://{web}/sink/", timeout=60).text == "committed"
    event = tracker.about("RuntimeError")
    assert event["logentry"]["message"] == "event sink failed"
    assert event["tags"]["sink"] == "sink.<locals>.push"


def test_a_failed_task_is_told_by_its_name(tracker: Tracker, web: str) -> None:
    app.send_task("kernel_test.fail", [failing.SAID], queue=QUEUE)
    event = tracker.about("ArithmeticError")
    assert event["tags"] == {"process": "worker", "task": "kernel_test.fail"}


def test_of_a_line_in_the_log_go_its_words_numbers_and_names_from_the_code(tracker: Tracker, web: str) -> None:
    assert httpx.get(f"http://{web}/careless/", timeout=60).text == "logged"
    event = tracker.about("provider refused")
    assert event["tags"] == {"process": "web", "kind": "fake", "attempts": "3"}


def test_nothing_that_somebody_said_no_name_and_no_secret_leaves(tracker: Tracker, web: str) -> None:
    """After all of the above, in any order: they are made again here."""
    for path in (f"page/{failing.SECRET}/?said={failing.SAID}", "sink/", "careless/", "refused/"):
        httpx.post(f"http://{web}/{path}", content=failing.SAID, headers={"Authorization": failing.SECRET}, timeout=60)
    app.send_task("kernel_test.fail", [failing.SAID], queue=QUEUE)
    for kind in ("ValueError", "RuntimeError", "provider refused", "ArithmeticError"):
        tracker.about(kind)
    sent = b"\n".join(tracker.bodies)
    assert not [word for word in failing.PRIVATE if word.encode() in sent or json.dumps(word)[1:-1].encode() in sent]
    assert str(settings.BASE_DIR).encode() not in sent
    assert not [event for event in tracker.events if "PermissionDenied" in types(event)], "a refusal is no failure"
    assert tracker.refused == []


def test_without_an_address_the_library_is_not_even_loaded() -> None:
    code = "import sys, contactcenter.asgi, contactcenter.celery; print([m for m in sys.modules if 'sentry' in m])"
    environ = {**os.environ, "CC_SENTRY_DSN": ""}
    loaded = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize("dsn", ["here", "https://tracker.example/1", "https://key@tracker.example/shop"])
def test_an_address_that_is_none_is_refused_without_saying_its_key(dsn: str) -> None:
    with pytest.raises(ValueError, match=r"scheme|Missing|project") as refused:
        check_dsn(dsn)
    assert "key@" not in str(refused.value)


def test_an_address_that_is_one_is_taken(tracker: Tracker) -> None:
    check_dsn(tracker.dsn)
