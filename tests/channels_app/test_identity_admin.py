"""Keys and providers for known customers on a deployment's page: secrets go in and never come back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from agents.roles import Role
from channels_app.messenger.models import Deployment, IdentityKey, IdentityProvider
from tests import factories
from tests.admin.pages import client_of, member, no_rows, rows, said, url

SECRET = "a secret of thirty-two characters"


@pytest.fixture
def desk(db: None) -> Client:
    return client_of(member("Olga", Role.ADMIN))


@pytest.fixture
def deployment(db: None) -> Deployment:
    return factories.deployment()


def save(desk: Client, deployment: Deployment, *keys: dict[str, Any], initial: int = 0, **more: Any) -> Any:
    data = {"channel": deployment.channel_id, "name": deployment.name, "active": "on", "session_duration": "3 d"}
    data |= rows("identity_keys", *keys, initial=initial) | no_rows("identity_provider") | more
    return desk.post(url("messenger_deployment", "change", deployment.pk), data, follow=True)


def test_two_keys_live_side_by_side_and_none_is_shown(desk: Client, deployment: Deployment) -> None:
    old, new = ({"name": name, "given": SECRET + name, "active": "on"} for name in ("old", "new"))
    answer = save(desk, deployment, old, new)
    found = IdentityKey.objects.filter(deployment=deployment, active=True)
    assert {key.name: key.secrets["secret"] for key in found} == {"old": SECRET + "old", "new": SECRET + "new"}
    assert SECRET not in answer.content.decode()
    assert SECRET not in desk.get(url("messenger_deployment", "change", deployment.pk)).content.decode()


def test_a_key_keeps_its_secret_when_none_is_typed(desk: Client, deployment: Deployment) -> None:
    key = IdentityKey.objects.create(deployment=deployment, name="old", secrets={"secret": SECRET})
    save(desk, deployment, {"id": key.pk, "deployment": deployment.pk, "name": "older", "given": ""}, initial=1)
    key.refresh_from_db()
    assert (key.name, key.active, key.secrets) == ("older", False, {"secret": SECRET})


@pytest.mark.parametrize(("given", "sentence"), [("", "Write a secret."), ("short", "at least 32 characters")])
def test_a_key_without_a_good_secret_is_refused(
    desk: Client, deployment: Deployment, given: str, sentence: str
) -> None:
    assert sentence in said(save(desk, deployment, {"name": "new", "given": given, "active": "on"}))
    assert not IdentityKey.objects.exists()


def test_a_provider_needs_no_secret(desk: Client, deployment: Deployment) -> None:
    row = {
        "issuer": "https://id.shop.example",
        "audience": "shop",
        "jwks_url": "https://id.shop.example/keys",
        "token_url": "",
        "given": "",
        "active": "on",
    }
    save(desk, deployment, **rows("identity_provider", row))
    assert IdentityProvider.objects.get(deployment=deployment).audience == "shop"
