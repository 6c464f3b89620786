"""A messenger's configuration: what it may hold, its draft and its versions, and the move from deployments."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from channels_app.messenger import config
from channels_app.messenger.actions.deployments import (
    DEFAULTS,
    NothingToPublish,
    do_add_configuration,
    do_configure_deployment,
    do_publish,
    do_restore,
    do_save_draft,
    get_configuration,
    get_newest,
)
from channels_app.messenger.models import ConfigurationVersion, MessengerConfiguration
from contactcenter.kernel.errors import NotFound
from tests import factories

# --- what it may hold ----------------------------------------------------------------------------


def test_nothing_stored_is_a_complete_configuration() -> None:
    found = get_configuration(None)
    assert found == DEFAULTS
    assert found["conversation_disconnect"] == "send"
    assert {"conversation_clear", "auto_start", "humanize", "typing_agent", "markdown", "identity", "push"} <= set(
        found
    )


@pytest.mark.parametrize(
    ("stored", "key", "value"),
    [
        ({"greeting": " Hello "}, "greeting", "Hello"),
        ({"primary_color": "#ABCDEF"}, "primary_color", "#abcdef"),
        ({"logo_url": "https://shop.example/l.svg"}, "logo_url", "https://shop.example/l.svg"),
        ({"languages": ["de", "de"]}, "languages", ["de"]),
        ({"texts": {"de": {}}}, "texts", {}),
        ({"from_a_newer_program": 1}, "greeting", ""),
    ],
)
def test_what_is_stored_is_brought_into_shape(stored: dict[str, Any], key: str, value: Any) -> None:
    assert config.complete(stored)[key] == value


@pytest.mark.parametrize(
    "wrong",
    [
        {"primary_color": "red"},
        {"primary_color": "#12345g"},
        {"logo_url": "http://shop.example/l.svg"},
        {"logo_url": "//evil.example/l.svg"},
        {"logo_url": "javascript:alert(1)"},
        {"side_space": -1},
        {"launcher": "Sometimes"},
        {"languages": []},
        {"languages": ["fr"]},
        {"suggestions": ["x"] * 7},
        {"suggestions": [" "]},
        {"file_types": ["pictures"]},
        {"max_file_size_kb": 0},
        {"texts": {"de": {"<b>": "x"}}},
        {"texts": {"fr": {"launcher.text": "x"}}},
        {"opening": {"time_zone": "Mars/Base"}},
        {"opening": {"week": ["9-17"] * 6}},
        {"opening": {"week": ["17-9"] + [""] * 6}},
        {"opening": {"exceptions": {"tomorrow": ""}}},
        {"conversation_disconnect": "maybe"},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        config.complete(wrong)


@given(st.dictionaries(st.sampled_from(sorted(DEFAULTS)), st.none() | st.booleans() | st.integers() | st.text()))
def test_whatever_is_stored_is_either_refused_or_stays_the_same_once_complete(stored: dict[str, Any]) -> None:
    try:
        found = config.complete(stored)
    except ValidationError:
        return
    assert config.complete(found) == found


@pytest.mark.parametrize(
    ("languages", "default", "wanted", "spoken"),
    [
        (["en", "de"], "en", ("de-AT",), "de"),
        (["en", "de"], "en", ("fr", "de"), "de"),
        (["en", "de"], "de", ("fr",), "de"),
        (["en"], "de", ("de",), "en"),
        (["de"], "de", (), "de"),
    ],
)
def test_it_speaks_a_language_that_it_has(
    languages: list[str], default: str, wanted: tuple[str, ...], spoken: str
) -> None:
    found = config.MessengerSettings.model_validate({"languages": languages, "default_language": default})
    assert found.language(*wanted) == spoken


def test_a_language_has_words_of_its_own_where_it_needs_them() -> None:
    german = {"greeting": "Guten Tag", "suggestions": "Wo ist mein Paket? | Rückgabe"}
    found = config.MessengerSettings.model_validate(
        {"greeting": "Hello", "home_title": "Help", "suggestions": ["Where?"], "texts": {"de": german}}
    )
    assert [found.said("greeting", language) for language in ("en", "de")] == ["Hello", "Guten Tag"]
    assert found.said("home_title", "de") == "Help"
    assert [found.suggested(language) for language in ("en", "de")] == [["Where?"], ["Wo ist mein Paket?", "Rückgabe"]]


# --- draft and versions --------------------------------------------------------------------------

LOOK = {"company_name": "Acme", "greeting": "How can we help?", "primary_color": "#4338ca"}


@pytest.fixture
def made(transactional_db: None) -> MessengerConfiguration:
    return MessengerConfiguration.objects.create(name="Front")


def test_there_is_nothing_to_publish_before_a_draft(made: MessengerConfiguration) -> None:
    with pytest.raises(NothingToPublish):
        do_publish(made.pk)


def test_an_unchanged_draft_makes_no_version_and_a_published_one_is_never_changed(made: MessengerConfiguration) -> None:
    first = do_save_draft(made.pk, LOOK)
    assert do_save_draft(made.pk, {**LOOK, "greeting": "Hello"}).pk == first.pk
    do_publish(made.pk)
    assert do_save_draft(made.pk, {**LOOK, "greeting": "Hello"}).pk == first.pk
    second = do_save_draft(made.pk, LOOK)
    assert (second.number, second.published_at) == (2, None)
    first.refresh_from_db()
    assert first.content["greeting"] == "Hello"
    do_publish(made.pk)
    assert ConfigurationVersion.objects.filter(configuration=made, published_at=None).count() == 0


def test_customers_see_the_draft_only_once_it_is_published(made: MessengerConfiguration) -> None:
    deployment = factories.deployment(configuration=made)
    do_save_draft(made.pk, LOOK)
    deployment.refresh_from_db()
    assert get_configuration(deployment.published)["greeting"] == ""
    do_publish(made.pk)
    deployment.refresh_from_db()
    assert get_configuration(deployment.published)["greeting"] == "How can we help?"


def test_an_older_version_comes_back_as_a_draft(made: MessengerConfiguration) -> None:
    do_save_draft(made.pk, LOOK)
    do_publish(made.pk)
    do_save_draft(made.pk, {**LOOK, "greeting": "Hello"})
    do_publish(made.pk)
    restored = do_restore(made.pk, 1)
    assert (restored.number, restored.published_at) == (3, None)
    assert get_newest(made.pk) == restored
    assert restored.content["greeting"] == "How can we help?"


def test_a_version_that_never_was_does_not(made: MessengerConfiguration) -> None:
    with pytest.raises(NotFound):
        do_restore(made.pk, 1)


@pytest.mark.usefixtures("transactional_db")
def test_a_deployment_gets_a_configuration_of_its_own_name_or_the_next() -> None:
    do_add_configuration("Front", {})
    deployment = factories.deployment()
    type(deployment).objects.update(name="Front")
    assert do_configure_deployment(deployment.pk, LOOK).name == "Front 2"
    deployment.refresh_from_db()
    assert deployment.published is not None
    assert deployment.published.content["greeting"] == "How can we help?"


@pytest.mark.usefixtures("transactional_db")
def test_a_wrong_configuration_is_not_kept() -> None:
    with pytest.raises(ValidationError):
        do_add_configuration("Front", {"primary_color": "red"})
    assert not MessengerConfiguration.objects.exists()
