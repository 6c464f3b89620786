"""The web server's HTTP/1.1, for clients that offer to go on with HTTP/2 on a plain connection.

Java's own HTTP client offers `Upgrade: h2c` with its first request. A server may ignore that and answer as usual
(RFC 9110, 7.8), but the parser takes the request for finished where the other protocol would begin: its body is lost,
and with it the connection. So the offer is taken out of the head before it is parsed.
"""

from __future__ import annotations

import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_OFFER = re.compile(rb"\r\nupgrade:[ \t]*h2c[ \t]*(?=\r\n)", re.IGNORECASE)
_END_OF_HEAD = b"\r\n\r\n"


def without_offer(data: bytes) -> bytes:
    """What begins with a request's head, without the offer of HTTP/2 in it. Its body is never touched."""
    end = data.find(_END_OF_HEAD)
    if end < 0:
        return data
    head = data[: end + 2]
    return _OFFER.sub(b"", head) + data[end + 2 :]


class PlainHttp(HttpToolsProtocol):
    """Named in the server's command line."""

    inside = False  # a request's head or body is under way

    def on_message_begin(self) -> None:
        self.inside = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self.inside = False
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data if self.inside else without_offer(data))
