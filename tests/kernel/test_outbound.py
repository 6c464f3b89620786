"""Requests to other people's servers: only public ones, by the address that was judged, with an end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpcore
import httpx
import pytest
from pytest_django import Settings

from contactcenter.kernel import outbound
from tests.channels_app.fake_api import FakeApi, serving


@pytest.fixture
def api(settings: Settings) -> Iterator[FakeApi]:
    settings.CC_OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1", "inside.example"]
    with serving() as served:
        yield served


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/", "https://127.0.0.1:1/", "https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/",
        "https://user:pass@1.1.1.1/", "http://1.1.1.1/", "ftp://1.1.1.1/", "https:///nowhere", "https://100.64.0.1/",
    ],
)  # fmt: skip
def test_a_private_or_strange_address_is_refused_before_anything_is_sent(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda *_args, **_kwargs: pytest.fail("it connected"))
    with pytest.raises(outbound.OutboundRefused):
        outbound.get_json(url)


def test_an_allowed_host_is_asked_by_the_address_that_its_name_was_judged_by(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(api.url.rpartition(":")[2])
    real, asked = socket.getaddrinfo, []

    def resolved(host: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if host == "inside.example" else host, *args, **kwargs)

    monkeypatch.setattr(outbound.socket, "getaddrinfo", resolved)
    api.says("/", {"ok": True})
    assert outbound.get_json(f"http://inside.example:{port}/") == {"ok": True}
    assert asked[0] == "inside.example"
    assert "inside.example" not in asked[1:], "resolved once: the name can't lead elsewhere in between"


def test_a_redirect_to_a_private_address_is_refused(api: FakeApi, settings: Settings) -> None:
    api.says("/", status=302, location="https://10.0.0.1/")
    with pytest.raises(outbound.OutboundRefused):
        outbound.get_page(f"{api.url}/")


def test_an_answer_that_is_too_large_is_refused_and_a_page_is_cut(api: FakeApi) -> None:
    api.says("/big", b"x" * (outbound.MOST_BYTES + 1))
    with pytest.raises(outbound.OutboundFailed, match="too large"):
        outbound.get_json(f"{api.url}/big")
    api.says("/page", b"x" * (outbound.MOST_BYTES + 1), content_type="text/html")
    assert len(outbound.get_page(f"{api.url}/page")) == outbound.MOST_BYTES


def test_connections_are_kept_for_the_next_request(api: FakeApi) -> None:
    api.says("/", {"ok": True})
    outbound.get_json(f"{api.url}/")
    before = len(outbound._client()._transport._pool.connections)  # type: ignore[attr-defined]
    outbound.get_json(f"{api.url}/")
    assert len(outbound._client()._transport._pool.connections) == before  # type: ignore[attr-defined]


def test_the_deadline_holds_for_the_whole_answer_however_steadily_it_drips(settings: Settings) -> None:
    settings.CC_OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                for _ in range(200):
                    try:
                        peer.sendall(b"x")
                    except OSError:
                        return
                    time.sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(httpx.ReadTimeout), outbound.streamed("GET", url, deadline=0.3) as answer:
            list(outbound.bounded(answer))
