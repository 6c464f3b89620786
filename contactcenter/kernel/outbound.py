"""Requests to other people's servers: one pooled client, only to public hosts, with an end.

A host is judged by what its name resolves to, and the connection goes to the very address that was judged, so a name
can't resolve to another one in between. Redirects aren't followed by themselves, answers are bounded, and a deadline
holds for the whole request, not for each of its steps.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
from django.conf import settings

SECONDS = 5.0
MOST_BYTES = 262_144
CONNECTIONS = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=30)


class OutboundRefused(Exception):
    """This address may not be asked."""


class OutboundFailed(Exception):
    """The other side can't be reached, or its answer can't be read. `status`: its HTTP status, 0 without an answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


def get_json(url: str) -> dict[str, Any]:
    """The JSON object at an address. :raises OutboundRefused, OutboundFailed:"""
    return _object("GET", url)


def post_form(url: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """The JSON object that a form is answered with. :raises OutboundRefused, OutboundFailed: also for a 4xx."""
    return _object("POST", url, data=fields)


def get_page(url: str, *, redirects: int = 2) -> str:
    """The beginning of a web page as text; each redirect is judged like the first address.

    :raises OutboundRefused, OutboundFailed: also for what isn't HTML.
    """
    try:
        with streamed("GET", url, headers={"Accept": "text/html"}) as answer:
            if answer.is_redirect and redirects:
                return get_page(str(httpx.URL(url).join(answer.headers["location"])), redirects=redirects - 1)
            if answer.status_code != httpx.codes.OK or "html" not in answer.headers.get("content-type", ""):
                raise OutboundFailed(f"{answer.url.host} answered without a page", answer.status_code)
            body = b"".join(bounded(answer, whole=False))
            return body.decode(answer.charset_encoding or "utf-8", errors="replace")
    except (httpx.HTTPError, httpx.InvalidURL, LookupError) as error:
        raise OutboundFailed(str(error)) from None


def _object(method: str, url: str, **how: Any) -> dict[str, Any]:
    try:
        with streamed(method, url, headers={"Accept": "application/json"}, **how) as answer:
            body = b"".join(bounded(answer))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OutboundFailed(str(error)) from None
    if answer.status_code != httpx.codes.OK:
        raise OutboundFailed(f"{answer.url.host} answered {answer.status_code}", answer.status_code)
    try:
        found = json.loads(body)
    except ValueError:
        raise OutboundFailed("the answer isn't JSON") from None
    if not isinstance(found, dict):
        raise OutboundFailed("the answer isn't an object")
    return found


@contextmanager
def streamed(method: str, url: str, *, deadline: float = SECONDS, **how: Any) -> Iterator[httpx.Response]:
    """A request by the pooled client; its answer is read within `deadline` seconds from now.

    :raises OutboundRefused: the address may not be asked. :raises httpx.HTTPError: as httpx says it; `PoolTimeout`,
        `ConnectError` and `ConnectTimeout` mean that nothing was sent.
    """
    ends = time.monotonic() + deadline
    with _client().stream(method, url, timeout=deadline, **how) as answer:
        answer.extensions["ends"] = ends
        yield answer


def bounded(answer: httpx.Response, *, most: int = MOST_BYTES, whole: bool = True) -> Iterator[bytes]:
    """The parts of an answer of `streamed`, up to `most` bytes.

    :raises OutboundFailed: there is more (or, without `whole`, the rest is left). :raises httpx.ReadTimeout: the
        request's deadline is over.
    """
    size = 0
    for part in answer.iter_bytes():
        if time.monotonic() > answer.extensions["ends"]:
            raise httpx.ReadTimeout("the deadline is over", request=answer.request)
        size += len(part)
        if size > most:
            if whole:
                raise OutboundFailed("the answer is too large", answer.status_code)
            yield part[: len(part) - (size - most)]
            return
        yield part


# --- who may be asked ----------------------------------------------------------------------------


def judged(url: str) -> tuple[str, str]:
    """The host of an address and the one address of it to connect to. :raises OutboundRefused, OutboundFailed:"""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    allowed = _is_allowed(host)
    if not host or parts.username or parts.scheme not in ({"https", "http"} if allowed else {"https"}):
        raise OutboundRefused
    return host, _address(host, parts.port or 443)


def _is_allowed(host: str) -> bool:
    return host in {name.lower() for name in settings.CC_OUTBOUND_PRIVATE_HOSTS}


def _address(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise OutboundFailed(str(error)) from None
    addresses = [str(entry[4][0]) for entry in found]
    # one private address among several is enough to refuse: which one is taken is nothing to rely on
    if not addresses or (not _is_allowed(host) and not all(_is_public(address) for address in addresses)):
        raise OutboundRefused
    return addresses[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_global and not ip.is_multicast


class _JudgedNetwork(httpcore.SyncBackend):
    """Connects to the address that was judged; the pool and TLS go on by the host's name."""

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        return super().connect_tcp(_address(host.lower(), port), port, *args, **kwargs)


class _JudgedTransport(httpx.HTTPTransport):
    """A transport that refuses an address before it connects, also one that comes in by a redirect."""

    def __init__(self) -> None:
        super().__init__(limits=CONNECTIONS)
        self._pool._network_backend = _JudgedNetwork()  # noqa: SLF001 httpx has no argument for it

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        judged_scheme = {"https", "http"} if _is_allowed(request.url.host.lower()) else {"https"}
        if not request.url.host or request.url.userinfo or request.url.scheme not in judged_scheme:
            raise OutboundRefused
        return super().handle_request(request)


_made: httpx.Client | None = None


def _client() -> httpx.Client:
    """The process's own: connections are kept, and no proxy of the environment sees them."""
    global _made
    if _made is None:
        _made = httpx.Client(transport=_JudgedTransport(), trust_env=False)
    return _made


def _forget() -> None:
    """A forked process must not go on with its parent's connections."""
    global _made
    _made = None


os.register_at_fork(after_in_child=_forget)
