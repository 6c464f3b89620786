"""Requests to addresses that somebody configured: only to public hosts, judged by what their name resolves to.

The connection goes to the very address that was judged, so a name can't resolve to another one in between.
Redirects aren't followed, answers are bounded.
"""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

SECONDS = 5.0
MOST_BYTES = 262_144


class OutboundRefused(Exception):
    """This address may not be asked."""


class OutboundFailed(Exception):
    """The other side can't be reached, or its answer can't be read. `status`: its HTTP status, 0 without an answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


def get_json(url: str) -> dict[str, Any]:
    """The JSON object at an address. :raises OutboundRefused, OutboundFailed:"""
    return _object(_ask("GET", url))


def post_form(url: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """The JSON object that a form is answered with. :raises OutboundRefused, OutboundFailed: also for a 4xx."""
    return _object(_ask("POST", url, fields))


def get_page(url: str, *, redirects: int = 2) -> str:
    """The beginning of a web page as text; each redirect is judged like the first address.

    :raises OutboundRefused, OutboundFailed: also for what isn't HTML.
    """
    host, address = judged(url)
    try:
        with (
            httpx.Client(timeout=SECONDS, trust_env=False) as client,
            client.stream("GET", **_directed(url, host, address, accept="text/html")) as answer,
        ):
            if answer.is_redirect and redirects:
                return get_page(str(httpx.URL(url).join(answer.headers["location"])), redirects=redirects - 1)
            if answer.status_code != httpx.codes.OK or "html" not in answer.headers.get("content-type", ""):
                raise OutboundFailed(f"{host} answered without a page", answer.status_code)
            return _beginning(answer).decode(answer.charset_encoding or "utf-8", errors="replace")
    except (httpx.HTTPError, httpx.InvalidURL, LookupError) as error:
        raise OutboundFailed(str(error)) from None


def _directed(url: str, host: str, address: str, *, accept: str) -> dict[str, Any]:
    """A request to the very address that was judged, under the host's name."""
    port = urlsplit(url).port
    return {
        "url": httpx.URL(url).copy_with(host=address),
        "headers": {"Host": host if port is None else f"{host}:{port}", "Accept": accept},
        "extensions": {"sni_hostname": host},
    }


def _beginning(answer: httpx.Response) -> bytes:
    """As much as we read of anything."""
    body = b""
    for part in answer.iter_bytes():
        body += part
        if len(body) >= MOST_BYTES:
            break
    return body[:MOST_BYTES]


def judged(url: str) -> tuple[str, str]:
    """The host of an address and the one address of it to connect to. :raises OutboundRefused:"""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    allowed = host in {name.lower() for name in settings.CC_OUTBOUND_PRIVATE_HOSTS}
    if not host or parts.username or parts.scheme not in ({"https", "http"} if allowed else {"https"}):
        raise OutboundRefused
    try:
        found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise OutboundFailed(str(error)) from None
    addresses = [str(entry[4][0]) for entry in found]
    # one private address among several is enough to refuse: which one is taken is nothing to rely on
    if not addresses or (not allowed and not all(_is_public(address) for address in addresses)):
        raise OutboundRefused
    return host, addresses[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_global and not ip.is_multicast


def _ask(method: str, url: str, fields: Mapping[str, str] | None = None) -> bytes:
    host, address = judged(url)
    try:
        with (
            httpx.Client(timeout=SECONDS, trust_env=False) as client,
            client.stream(method, data=fields, **_directed(url, host, address, accept="application/json")) as answer,
        ):
            body = _bounded(answer)
    except httpx.HTTPError as error:
        raise OutboundFailed(str(error)) from None
    if answer.status_code != httpx.codes.OK:
        raise OutboundFailed(f"{host} answered {answer.status_code}", answer.status_code)
    return body


def _bounded(answer: httpx.Response) -> bytes:
    body = b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > MOST_BYTES:
            raise OutboundFailed("the answer is too large")
    return body


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        raise OutboundFailed("the answer isn't JSON") from None
    if not isinstance(found, dict):
        raise OutboundFailed("the answer isn't an object")
    return found
