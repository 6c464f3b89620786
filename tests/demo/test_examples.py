"""The example pages of the messenger: there with the demo, gone without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from channels_app.messenger.models import Deployment
from contactcenter.demo.examples import PAGES
from tests.demo.test_company import demo

pytestmark = pytest.mark.usefixtures("transactional_db")


def test_examples_are_served_with_the_demo_under_a_strict_policy(data_folder: Path, client: Client) -> None:
    demo()
    shop = Deployment.objects.get(name="Shop")
    for name in PAGES:
        answer = client.get(f"/examples/{name}/")
        assert str(shop.id) in answer.content.decode()
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
    assert client.get("/examples/other/").status_code == 404


def test_without_the_demo_there_are_none(client: Client) -> None:
    assert [client.get(f"/examples/{name}/").status_code for name in PAGES] == [404] * len(PAGES)
