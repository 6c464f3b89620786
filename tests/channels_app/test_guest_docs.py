"""What docs/guest-protocol.md shows is true: its example runs, its settings are there."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from channels_app.messenger import errors
from channels_app.messenger.frames import requests
from channels_app.messenger.socket import consumers
from channels_app.models import Address
from tests import factories
from tests.architecture.sources import ROOT
from tests.channels_app.vouchers import own_key

PAGE = (ROOT / "docs" / "guest-protocol.md").read_text()


@pytest.mark.django_db
def test_the_example_of_signing_a_token_works(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    cache.clear()
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    namespace: dict[str, Any] = {}
    exec(compile(code, "guest-protocol.md", "exec"), namespace)
    token = capsys.readouterr().out.strip()
    deployment = factories.deployment()
    own_key(deployment, namespace["KEY_NAME"], namespace["SECRET"])
    body = {"deploymentId": str(deployment.id), "oauth": {"idToken": token, "nonce": ""}}
    path = "/api/v2/webdeployments/token/oauthcodegrantjwtexchange"
    assert client.post(path, json.dumps(body), content_type="application/json").status_code == 200
    assert Address.objects.get().contact.name == "Jonas Weber"


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(CC_[A-Z_]+)", PAGE))))
def test_every_setting_that_the_page_names_is_there(name: str) -> None:
    assert hasattr(settings, name)


def test_the_page_names_every_setting_of_guests() -> None:
    known = {name for name in dir(settings) if name.startswith(("CC_GUEST_", "CC_PUSH_"))}
    assert known - set(re.findall(r"`(CC_[A-Z_]+)", PAGE)) == set()


@pytest.mark.parametrize(("name", "shown"), re.findall(r"\| `(CC_GUEST_[A-Z_]+)`[^|]*\| ([\d,]+) \|", PAGE))
def test_the_page_names_the_defaults(name: str, shown: str) -> None:
    assert getattr(settings, name) == int(shown.replace(",", ""))


def test_the_page_names_every_action_and_each_has_a_handler() -> None:
    assert set(requests._READERS) <= set(re.findall(r"`(\w+)`", PAGE))
    assert len(consumers.HANDLERS) == len(requests._READERS)


def test_the_page_names_every_error_code() -> None:
    table = PAGE.partition("## Errors")[2].partition("## Limits")[0]
    shown = {int(code) for code in re.findall(r"\b(\d{3,4})\b", table)}
    for first, last in re.findall(r"(\d{4})–(\d{4})", table):
        shown |= set(range(int(first), int(last) + 1))
    codes = {value for name, value in vars(errors).items() if name.isupper() and isinstance(value, int)}
    assert codes <= shown
