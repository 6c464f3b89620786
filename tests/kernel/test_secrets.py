"""Secrets at rest."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactcenter.kernel import secrets
from contactcenter.kernel.secrets import EncryptedJSONField, Unreadable


@given(st.text())
def test_what_goes_in_comes_out(plain: str) -> None:
    assert secrets.decrypt(secrets.encrypt(plain)) == plain


def test_the_same_text_never_looks_the_same_nor_shows() -> None:
    one, other = secrets.encrypt("swordfish"), secrets.encrypt("swordfish")
    assert one != other
    assert "swordfish" not in one


def test_an_older_key_still_reads_while_it_is_a_fallback(settings: Any) -> None:
    settings.SECRET_KEY = "first"
    token = secrets.encrypt("swordfish")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second", ["first"]
    assert secrets.decrypt(token) == "swordfish"
    fresh = secrets.encrypt("swordfish")
    settings.SECRET_KEY_FALLBACKS = []
    assert secrets.decrypt(fresh) == "swordfish", "the new key wrote it"


def test_a_key_that_is_gone_reads_no_more(settings: Any) -> None:
    settings.SECRET_KEY = "first"
    token = secrets.encrypt("swordfish")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second", []
    with pytest.raises(Unreadable):
        secrets.decrypt(token)


@pytest.mark.parametrize("token", ["", "nonsense", secrets.digest("x")])
def test_what_isnt_a_token_is_unreadable(token: str) -> None:
    with pytest.raises(Unreadable):
        secrets.decrypt(token)


def test_a_damaged_token_is_unreadable() -> None:
    token = secrets.encrypt("swordfish")
    with pytest.raises(Unreadable):
        secrets.decrypt(token[:20] + ("A" if token[20] != "A" else "B") + token[21:])


def test_a_digest_is_the_same_each_time_and_another_for_another() -> None:
    assert secrets.digest("token") == secrets.digest("token") != secrets.digest("Token")
    assert len(secrets.digest("token")) == 64


def test_the_field_stores_a_token_and_reads_an_object() -> None:
    field = EncryptedJSONField()
    stored = field.get_prep_value({"app_secret": "swordfish"})
    assert "swordfish" not in stored
    assert field.from_db_value(stored) == {"app_secret": "swordfish"}


def test_the_field_stores_nothing_as_nothing() -> None:
    field = EncryptedJSONField()
    assert field.get_prep_value({}) == ""
    assert field.from_db_value("") == field.from_db_value(None) == {}
