"""What the person at the terminal reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contactcenter.up import welcome

LOGINS = {
    "accounts": [
        {"email": "ana@example.com", "password": "pear-lamp", "role": "agent", "name": "Ana"},
        {"email": "supervisor@example.com", "password": "fig-door", "role": "supervisor", "name": "Sam"},
    ],
    "deployments": [{"id": "7", "name": "Shop", "url": "http://127.0.0.1:8000/messenger/7/"}],
}


def test_every_login_and_messenger_is_shown(tmp_path: Path) -> None:
    (tmp_path / "logins.json").write_text(json.dumps(LOGINS))
    text = "\n".join(welcome.logins(tmp_path / "logins.json"))
    for account in LOGINS["accounts"]:
        assert account["email"] in text
        assert account["password"] in text
    assert "http://127.0.0.1:8000/messenger/7/" in text


def test_without_demo_data_no_login_is_shown(tmp_path: Path) -> None:
    assert welcome.logins(tmp_path / "logins.json") == []


@pytest.mark.parametrize("wanted", [(), ("http://127.0.0.1:8000/",), ("http://127.0.0.1:8000/", "pear-lamp")])
def test_logins_of_this_address_and_password_are_current(tmp_path: Path, wanted: tuple[str, ...]) -> None:
    (tmp_path / "logins.json").write_text(json.dumps(LOGINS))
    assert welcome.are_current(tmp_path / "logins.json", wanted)


@pytest.mark.parametrize("wanted", [("http://127.0.0.1:9000/",), ("http://127.0.0.1:8000/", "other")])
def test_logins_of_an_earlier_start_are_not_current(tmp_path: Path, wanted: tuple[str, ...]) -> None:
    (tmp_path / "logins.json").write_text(json.dumps(LOGINS))
    assert not welcome.are_current(tmp_path / "logins.json", wanted)


def test_logins_that_are_not_written_yet_are_not_current(tmp_path: Path) -> None:
    assert not welcome.are_current(tmp_path / "logins.json", ())


def test_the_addresses_are_those_of_this_start() -> None:
    assert all("http://127.0.0.1:8123/" in line for line in welcome.addresses("http://127.0.0.1:8123"))
