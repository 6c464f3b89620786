"""`manage.py demo_info`: the shape that scripts rely on, and where the address comes from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from channels_app.models import Channel


def demo_info(*arguments: str) -> str:
    told = StringIO()
    call_command("demo_info", *arguments, stdout=told)
    return told.getvalue()


@pytest.fixture
def info(data_folder: Path, transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> dict[str, Any]:
    monkeypatch.setenv("CC_BASE_URL", "http://127.0.0.1:4321")
    settings.BASE_URL = "http://127.0.0.1:4321"
    call_command("demo", conversations=0, stdout=StringIO())
    found: dict[str, Any] = json.loads(demo_info("--json"))
    return found


def test_it_names_addresses_accounts_deployments_and_webhooks(info: dict[str, Any]) -> None:
    assert info["base_url"] == "http://127.0.0.1:4321"
    assert info["admin_url"] == "http://127.0.0.1:4321/admin/"
    assert len(info["accounts"]) == 10
    assert all(set(one) == {"email", "password", "role", "name"} for one in info["accounts"])
    for one in info["deployments"]:
        assert set(one) == {"id", "name", "url", "socket_url", "config_url"}
        assert one["socket_url"] == f"ws://127.0.0.1:4321/v1?deploymentId={one['id']}"
    assert [(one["channel"], one["kind"]) for one in info["webhooks"]] == [("Parcel line", "fake")]


def test_its_addresses_answer(info: dict[str, Any], client: Client) -> None:
    for address in ("desk_url", "admin_url"):
        assert client.get(_path(info[address]), follow=True).status_code == 200
    for one in info["deployments"]:
        assert client.get(_path(one["url"])).status_code == 200
        assert client.get(_path(one["config_url"])).json()["id"] == one["id"]


def test_its_webhook_takes_what_is_signed_with_its_secret_and_nothing_else(
    info: dict[str, Any], client: Client
) -> None:
    from channels_app.adapters.fake.adapter import sign

    [hook] = info["webhooks"]
    body = b'{"events":[{"type":"message","id":"m1","from":{"id":"+491","name":"Jonas"},"text":"Hello"}]}'

    def post(secret: str) -> int:
        headers = {"x-fake-signature": sign(body, secret)}
        return client.post(_path(hook["url"]), body, "application/json", headers=headers).status_code

    assert (post(hook["secret"]), post("another")) == (200, 403)


def test_people_get_a_table(info: dict[str, Any]) -> None:
    table = demo_info()
    assert "http://127.0.0.1:4321/admin/" in table
    assert all(account["email"] in table for account in info["accounts"])


def test_channels_of_others_are_not_named(info: dict[str, Any]) -> None:
    Channel.objects.create(kind="fake", name="Real one", secrets={"secret": "s"})
    assert "Real one" not in demo_info()


def _path(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:4321")


def settings_of(data_folder: Path, **environ: str) -> dict[str, str]:
    """What a command that is run by hand takes for the product's address and stores."""
    code = "from django.conf import settings as s; print(s.BASE_URL, s.DATABASE_URL)"
    clean = {name: value for name, value in os.environ.items() if name not in ("PORT", "CC_BASE_URL", "DATABASE_URL")}
    told = clean | {"CC_DATA": str(data_folder), "DJANGO_SETTINGS_MODULE": "contactcenter.settings"} | environ
    done = subprocess.run([sys.executable, "-c", code], env=told, capture_output=True, text=True, check=True)
    base, database = done.stdout.split()
    return {"base": base, "database": database}


def test_a_command_run_by_hand_finds_the_running_product(tmp_path: Path) -> None:
    told = {"CC_BASE_URL": "http://127.0.0.1:5555", "DATABASE_URL": "postgresql:///here"}
    (tmp_path / "running.json").write_text(json.dumps(told))
    assert settings_of(tmp_path) == {"base": "http://127.0.0.1:5555", "database": "postgresql:///here"}


def test_the_environment_goes_before_the_running_product(tmp_path: Path) -> None:
    (tmp_path / "running.json").write_text(
        '{"CC_BASE_URL": "http://127.0.0.1:5555", "DATABASE_URL": "postgresql:///x"}'
    )
    found = settings_of(tmp_path, PORT="6666", DATABASE_URL="postgresql:///there")
    assert found == {"base": "http://127.0.0.1:6666", "database": "postgresql:///there"}


@pytest.mark.parametrize("left", [None, "half a fi"])
def test_without_a_running_product_the_defaults_hold(tmp_path: Path, left: str | None) -> None:
    if left is not None:
        (tmp_path / "running.json").write_text(left)
    assert settings_of(tmp_path) == {"base": "http://127.0.0.1:8000", "database": "postgresql:///contactcenter"}
