"""Asking the web process whether it lives, without waiting for it."""

from __future__ import annotations

import select
import socket

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class HealthProbe:
    """Called again and again, it keeps one request in the listener's queue until web answers it."""

    def __init__(self, listener: socket.socket) -> None:
        host, port = listener.getsockname()[:2]
        self._address = ({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)
        self._client: socket.socket | None = None

    def __call__(self) -> bool:
        """True once web has answered with 200."""
        try:
            return self._look()
        except OSError:
            self.close()
            return False

    def _look(self) -> bool:
        if self._client is None:
            self._client = socket.create_connection(self._address, timeout=1)
            self._client.sendall(REQUEST)
        if not select.select([self._client], [], [], 0)[0]:
            return False
        answer = self._client.recv(64)
        self.close()
        return answer.split(b" ", 2)[1:2] == [b"200"]

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
