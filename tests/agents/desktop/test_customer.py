"""The customer's profile: changed at the desk, recorded without its text, refused with a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from agents.desktop import live as desk_live
from channels_app.actions.contacts import do_change_contact
from channels_app.models import Contact, Conversation
from contactcenter.kernel import events, ids, live
from contactcenter.kernel.errors import NotFound
from reporting.models import EventRecord
from tests.agents.desktop.conftest import Desk, get, post, thread_path, words


@pytest.fixture
def talk(desk: Desk) -> Conversation:
    return desk.talk()[0]


def contact(talk: Conversation) -> Contact:
    return Contact.objects.get(addresses=talk.address_id)


def change(desk: Desk, talk: Conversation, **fields: Any) -> Any:
    return post(desk.ana, thread_path(talk, "customer/"), **{"name": "Jonas", "locale": ""} | fields)


def test_name_language_and_attributes_are_changed_and_shown(desk: Desk, talk: Conversation) -> None:
    answer = change(desk, talk, name="Jonas Weber", locale="de", key=["Tier", "Old", ""], value=["Gold", "", ""])
    assert (answer.status_code, "desk-customer" in answer["HX-Trigger"]) == (204, True)
    found = contact(talk)
    assert (found.name, found.locale, found.attributes) == ("Jonas Weber", "de", {"Tier": "Gold"})
    panel = words(get(desk.ana, thread_path(talk, "panel/")))
    assert "Jonas Weber" in panel
    assert "<dt>Tier</dt><dd>Gold</dd>" in panel
    assert 'value="Gold"' in words(get(desk.ana, thread_path(talk, "customer/edit/")))


def test_the_event_names_the_fields_and_never_what_they_hold(desk: Desk, talk: Conversation) -> None:
    change(desk, talk, name="Jonas Weber", key=["Tier"], value=["Gold"])
    made = EventRecord.objects.get(name="contact.changed")
    assert made.data["fields"] == ["name", "attributes"]
    assert made.agent_id == desk.ana.id
    assert "Weber" not in str(made.data)
    assert "Gold" not in str(made.data)
    change(desk, talk, name="Jonas Weber", key=["Tier"], value=["Gold"])
    assert EventRecord.objects.filter(name="contact.changed").count() == 1, "nothing changed"


def test_a_value_that_isnt_text_stays_what_it_is_unless_its_changed(desk: Desk, talk: Conversation) -> None:
    Contact.objects.update(attributes={"orders": 3, "vip": True})
    change(desk, talk, key=["orders", "vip"], value=["3", "no"])
    assert contact(talk).attributes == {"orders": 3, "vip": "no"}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "x" * 201}, "The name has more than 200 characters."),
        ({"locale": "german!"}, "Write a language as de or pt-BR."),
        ({"key": [""], "value": ["Gold"]}, "Name the attribute “Gold”."),
        ({"key": ["a", "a"], "value": ["1", "2"]}, "There are two attributes “a”."),
        ({"key": ["a"], "value": ["x" * 2001]}, "The attribute “a” is too long."),
        ({"key": [str(n) for n in range(51)], "value": ["x"] * 51}, "At most 50 attributes."),
    ],
)
def test_what_isnt_right_is_said_and_nothing_is_written(
    desk: Desk, talk: Conversation, fields: dict[str, Any], sentence: str
) -> None:
    before = contact(talk)
    answer = change(desk, talk, **fields)
    assert (answer.status_code, words(answer)) == (422, sentence)
    assert contact(talk).attributes == before.attributes
    assert contact(talk).name == before.name
    assert not EventRecord.objects.filter(name="contact.changed").exists()


def test_who_doesnt_work_on_it_changes_nothing(desk: Desk, talk: Conversation) -> None:
    fields = {"name": "Mallory", "locale": ""}
    assert post(desk.cleo, thread_path(talk, "customer/"), **fields).status_code == 404
    assert post(desk.sam, thread_path(talk, "customer/"), **fields).status_code == 403
    assert post(None, thread_path(talk, "customer/"), **fields).status_code == 401
    assert "do-customer" not in words(get(desk.sam, thread_path(talk, "panel/")))
    assert contact(talk).name != "Mallory"
    with pytest.raises(NotFound):
        do_change_contact.within(None, ids.new(desk.scene.now), agent=desk.ana, name="", locale="", attributes={})


def test_every_thread_of_the_contact_hears_of_it_and_no_other(
    desk: Desk, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = desk.scene.writes(desk.channel, "marta")
    told: list[str] = []
    monkeypatch.setattr(live, "publish", lambda stream, message: told.append(stream))
    monkeypatch.setattr(events, "_after_commit", [desk_live.push])
    change(desk, talk, name="Jonas Weber")
    assert told == [f"conversation:{talk.id}"]
    assert str(other.id) not in str(told)
