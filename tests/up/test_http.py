"""Clients that offer to go on with HTTP/2, as Java's does, and all others."""

from __future__ import annotations

import http.client
import json

import pytest

from channels_app.messenger.models import Deployment
from channels_app.models import Channel
from contactcenter.up.http import without_offer
from tests.channels_app import pictures
from tests.channels_app.client import StrictGuest
from tests.product import Product

OFFER = {
    "Connection": "Upgrade, HTTP2-Settings",
    "Upgrade": "h2c",
    "HTTP2-Settings": "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAA",
}


@pytest.mark.parametrize("line", [b"Upgrade: h2c", b"upgrade:h2c ", b"UPGRADE: \tH2C"])
def test_the_offer_is_taken_out_of_the_head(line: bytes) -> None:
    request = b"PUT /a HTTP/1.1\r\nHost: x\r\n" + line + b"\r\nContent-Length: 3\r\n\r\nabc"
    assert without_offer(request) == b"PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1 HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"PUT / HTTP/1.1\r\nContent-Length: 20\r\n\r\n\r\nUpgrade: h2c\r\nabcd",
        b"PUT / HTTP/1.1\r\nX-Upgrade: h2c\r\n\r\n",
        b"GET / HTTP/1.1\r\nUpgr",
        b"\x16\x03\x01",
        b"",
    ],
)
def test_everything_else_stays_as_it_is(data: bytes) -> None:
    assert without_offer(data) == data


def test_a_file_that_is_put_with_the_offer_arrives_whole_and_the_connection_goes_on(product: Product) -> None:
    channel = Channel.objects.create(kind="webmessaging", name="Shop")
    jonas = StrictGuest(product.url, Deployment.objects.create(channel=channel, name="Shop page").id)
    jonas.configure()
    picture = pictures.picture("PNG")
    connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=5)
    for number in range(2):
        address = jonas.get("onAttachment", fileName=f"{number}.png", fileType="image/png", fileSize=len(picture))
        path = address["url"].removeprefix(product.url)
        connection.request("PUT", path, picture, {**address["headers"], **OFFER, "Content-Type": "image/png"})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        jonas.until_class("UploadSuccessEvent")
    connection.request("GET", "/readyz", headers=OFFER)
    assert json.loads(connection.getresponse().read())["status"] == "ok"
    connection.close()
    jonas.close()
