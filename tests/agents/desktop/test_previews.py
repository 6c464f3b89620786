"""Previews of links: only of what a message names, only of public pages, only when asked for."""

from __future__ import annotations

import uuid

import pytest

from agents.desktop import previews
from channels_app.content.unfurl import described
from contactcenter.kernel import outbound
from tests import factories
from tests.agents.desktop.conftest import Desk, get, post, thread_path, words

PAGE = """<html><head><title>Shop &amp; more</title><meta property="og:title" content="Rain jacket">
<meta name="description" content="Blue,\n and dry"></head><body><p>text"""


@pytest.mark.parametrize(
    ("html", "title", "text"),
    [
        (PAGE, "Rain jacket", "Blue, and dry"),
        ("<title>One</title><title>Two</title>", "One", ""),
        ("<meta property='og:title'><title>Plain</title>", "Plain", ""),
        ("", "", ""),
        ("<<<>>><meta", "", ""),
        (f"<title>{'x' * 500}</title>", "x" * 199 + "…", ""),
    ],
)
def test_a_page_is_described_by_what_it_says_of_itself(html: str, title: str, text: str) -> None:
    found = described(html)
    assert (found.title, found.text) == (title, text)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []

    def page(url: str) -> str:
        asked.append(url)
        return PAGE

    monkeypatch.setattr(previews, "get_page", page)
    return asked


def test_a_link_of_a_message_is_previewed_when_asked_for_and_not_before(desk: Desk, fetched: list[str]) -> None:
    conversation, _ = desk.talk()
    url = f"https://shop.example/{uuid.uuid4()}"
    message = factories.said(desk.channel, text=f"Is it {url}?")
    assert get(desk.ana, thread_path(conversation)).status_code == 200
    assert fetched == []
    for _ in range(2):
        answer = post(desk.ana, f"/desk/messages/{message.id}/preview/", url=url)
        assert "<b>Rain jacket</b><span>Blue, and dry</span><small>shop.example</small>" in words(answer)
    assert fetched == [url], "the second time it is known"


def test_nothing_else_is_fetched_and_nothing_for_outsiders(desk: Desk, fetched: list[str]) -> None:
    desk.talk()
    message = factories.said(desk.channel, text="Is it https://shop.example/a ?")
    path = f"/desk/messages/{message.id}/preview/"
    assert post(desk.ana, path, url="https://evil.example/").status_code == 404
    assert post(desk.ana, path).status_code == 404
    assert post(desk.cleo, path, url="https://shop.example/a").status_code == 404
    assert post(desk.ana, f"/desk/messages/{uuid.uuid4()}/preview/", url="https://shop.example/a").status_code == 404
    assert fetched == []


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://[::1]/a", "https://10.0.0.1/", "http://93.184.216.34/"])
def test_a_private_or_open_address_has_no_preview(desk: Desk, url: str) -> None:
    desk.talk()
    message = factories.said(desk.channel, text=f"see {url} there")
    answer = post(desk.ana, f"/desk/messages/{message.id}/preview/", url=url)
    assert (answer.status_code, words(answer)) == (422, "There is no preview of this page.")
    with pytest.raises(outbound.OutboundRefused):
        outbound.get_page(url)
