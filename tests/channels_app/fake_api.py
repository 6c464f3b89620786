"""The test provider's own API, on a port of this machine: what it was asked, and what it answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class FakeApi:
    """`answers`: path -> (status, headers, body) or a list of them, one a request; anything else is 404."""

    url: str
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)  # method, path, authorization, body

    def says(self, path: str, body: Any = b"", status: int = 200, **headers: str) -> None:
        """One more answer at a path; the last one stays."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.setdefault(path, []).append((status, headers, raw))

    def paths(self) -> list[str]:
        return [path for _, path, _, _ in self.asked]


@contextmanager
def serving() -> Iterator[FakeApi]:
    api = FakeApi("")

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            api.asked.append((self.command, self.path, self.headers.get("authorization", ""), body))
            found = api.answers.get(self.path, [])
            status, headers, raw = found[0] if found else (404, {}, b"")
            if len(found) > 1:
                found.pop(0)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = _answer

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
