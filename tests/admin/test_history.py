"""The history of changes: field by field, before and after, by whom; secrets never."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils.translation import override

from agents.actions.people import do_set_skill
from agents.admin.entries import translated, values_of
from agents.models import Skill, User, UserSkill
from agents.roles import Role
from channels_app.messenger.actions.deployments import do_publish, do_save_draft
from channels_app.messenger.models import MessengerConfiguration
from channels_app.models import Channel
from routing.models import Queue, QueueMember
from tests.admin.data import QUEUE, QUEUE_INLINES, channel_data, edit
from tests.admin.pages import client_of, member, no_rows, rows, run, said, url

pytestmark = pytest.mark.django_db


def lines(desk: Client, model: str, row: Any) -> str:
    """The history page of a row, as one line of text."""
    return re.sub(r"\s+", " ", said(desk.get(url(model, "history", row.pk))))


def test_a_form_notes_each_field_before_and_after(desk: Client) -> None:
    queue = Queue.objects.create(name="Returns")
    changed = {
        **QUEUE,
        "alert_timeout": "45 s",
        "wrapup_prompt": "optional",
        "auto_answer": "on",
        "service_level": "90",
    }
    desk.post(url("routing_queue", "change", queue.pk), {**changed, **no_rows(*QUEUE_INLINES)})
    page = lines(desk, "routing_queue", queue)
    assert "Olga" in page
    assert "Alert time: 30 s → 45 s" in page
    assert "Auto-answer: No → Yes" in page
    assert "Wrap-up: Mandatory, time-boxed → Optional: the agent may skip it" in page
    assert "Service level target (%): 80 → 90" in page
    assert "Manual pick" not in page


def test_saving_without_a_change_notes_nothing(desk: Client) -> None:
    queue = Queue.objects.create(name="Returns")
    desk.post(url("routing_queue", "change", queue.pk), {**QUEUE, **no_rows(*QUEUE_INLINES)})
    assert not LogEntry.objects.exists()
    assert "Nothing was changed here yet" in lines(desk, "routing_queue", queue)


def test_members_are_noted_on_the_queue_and_on_the_agent(desk: Client) -> None:
    queue, ana, ben = Queue.objects.create(name="Returns"), member("Ana", Role.AGENT), member("Ben", Role.AGENT)
    row = QueueMember.objects.create(queue=queue, user=ana)
    inlines = {
        **rows(
            "memberships",
            {"id": row.pk, "queue": queue.pk, "user": ana.pk},
            {"queue": queue.pk, "user": ben.pk, "active": "on"},
            initial=1,
        ),
        **no_rows("queuewrapupcode_set"),
    }
    desk.post(url("routing_queue", "change", queue.pk), {**QUEUE, **inlines})
    page = lines(desk, "routing_queue", queue)
    assert "Member “Ana” · Active: Yes → No" in page
    assert "Member: Ben" in page
    assert "Member “Ana” · Active: Yes → No" in lines(desk, "agents_user", ana)
    cleo = member("Cleo", Role.AGENT)
    assert "Nothing was changed here yet" in lines(desk, "agents_user", cleo)


def test_a_removed_member_is_noted(desk: Client) -> None:
    queue, ana = Queue.objects.create(name="Returns"), member("Ana", Role.AGENT)
    row = QueueMember.objects.create(queue=queue, user=ana)
    gone = {"id": row.pk, "queue": queue.pk, "user": ana.pk, "active": "on", "DELETE": "on"}
    inlines = {**rows("memberships", gone, initial=1), **no_rows("queuewrapupcode_set")}
    desk.post(url("routing_queue", "change", queue.pk), {**QUEUE, **inlines})
    assert "Member: Ana → –" in lines(desk, "routing_queue", queue)


def test_roles_and_a_new_password_are_noted_without_the_password(desk: Client) -> None:
    ana = member("Ana", Role.AGENT)
    desk.post(url("agents_user", "change", ana.pk), edit(ana, roles=["agent", "supervisor"]))
    page = lines(desk, "agents_user", ana)
    assert "Roles: Agent: answers customers → Agent: answers customers, Supervisor: watches and helps" in page
    fresh = {"password1": "seven silver spoons", "password2": "seven silver spoons"}
    desk.post(f"/admin/agents/user/{ana.pk}/password/", fresh)
    assert "password: changed (not shown)" in lines(desk, "agents_user", ana).lower()
    assert not LogEntry.objects.filter(change_message__contains="silver").exists()


def test_a_secret_is_noted_as_changed_and_never_shown(desk: Client) -> None:
    channel = Channel.objects.create(kind="fake", name="Test", secrets={"secret": "old-hunter1"})
    data = channel_data(account_id=channel.account_id, set_fake_secret="new-hunter2")
    desk.post(url("channels_app_channel", "change", channel.pk), data)
    assert "Secret: changed (not shown)" in lines(desk, "channels_app_channel", channel)
    assert not LogEntry.objects.filter(change_message__contains="hunter").exists()


def test_a_bulk_action_is_in_the_history_of_both_sides(desk: Client) -> None:
    skill, ana = Skill.objects.create(name="German"), member("Ana", Role.AGENT)
    run(desk, "set_skill", [ana], skill=skill.pk, proficiency="4.5")
    assert "Skill “German” · Proficiency: 4.5" in lines(desk, "agents_user", ana)
    assert "Ana" in lines(desk, "agents_skill", skill)


def test_an_action_from_elsewhere_is_noted_as_well(desk: Client, olga: User) -> None:
    skill, ana = Skill.objects.create(name="German"), member("Ana", Role.AGENT)
    UserSkill.objects.create(user=ana, skill=skill, proficiency=2)
    do_set_skill(olga.pk, [ana.pk], skill, Decimal("3.0"))
    assert "Skill “German” · Proficiency: 2 → 3" in lines(desk, "agents_user", ana)


# --- the list over everything --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "found"), [("Olga", True), ("olga@acme", True), ("Rückgabe", True), ("45 s", True), ("Petra", False)]
)
def test_changes_are_found_by_person_object_and_value(desk: Client, term: str, found: bool) -> None:
    queue = Queue.objects.create(name="Rückgabe")
    data = {**QUEUE, "name": "Rückgabe", "alert_timeout": "45 s", **no_rows(*QUEUE_INLINES)}
    desk.post(url("routing_queue", "change", queue.pk), data)
    page = said(desk.get(url("admin_logentry", "changelist"), {"q": term}))
    assert ("30 s" in page) is found


@pytest.mark.parametrize(("since", "found"), [("2020-01-01", True), ("2100-01-01", False)])
def test_changes_are_found_by_time(desk: Client, since: str, found: bool) -> None:
    run(desk, "switch_off", [Queue.objects.create(name="Returns")])
    page = said(desk.get(url("admin_logentry", "changelist"), {"action_time_from": since}))
    assert ("Returns" in page) is found


def test_the_log_is_read_in_the_reader_s_language(desk: Client) -> None:
    queue = Queue.objects.create(name="Returns")
    run(desk, "switch_off", [queue])
    with override("de"):
        [value] = values_of(LogEntry.objects.get())
    assert (value.old, value.new) == ("Ja", "Nein")
    assert translated("") == ""


def test_an_entry_in_django_s_own_shape_is_still_read(desk: Client, olga: User) -> None:
    queue = Queue.objects.create(name="Returns")
    LogEntry.objects.log_actions(olga.pk, [queue], 2, [{"changed": {"fields": ["name"]}}])
    assert "Changed name." in lines(desk, "routing_queue", queue)
    LogEntry.objects.update(change_message="by hand")
    assert "by hand" in lines(desk, "routing_queue", queue)


@pytest.mark.usefixtures("transactional_db")
def test_a_messenger_s_configuration_has_its_history_from_draft_to_published() -> None:
    desk = client_of(member("Olga", Role.ADMIN))
    made = MessengerConfiguration.objects.create(name="Front")
    do_save_draft(made.pk, {"greeting": "Hello"})
    do_publish(made.pk)
    do_save_draft(made.pk, {"greeting": "Good day"})
    desk.post(url("messenger_messengerconfiguration", "publish", made.pk))
    assert "Published version: 1 → 2" in lines(desk, "messenger_messengerconfiguration", made)
    desk.post(url("messenger_messengerconfiguration", "restore", made.pk, 1))
    assert "Draft: version 1" in lines(desk, "messenger_messengerconfiguration", made)
