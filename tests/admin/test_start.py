"""The admin's start page once a set-up is there: what needs a look, with honest counts and links that lead to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Skill, User, UserSkill
from agents.roles import Role
from channels_app.models import Channel, InboundPayload
from contactcenter.admin_overview import get_looks, get_switched_off
from contactcenter.unfold import TASKS
from routing.models import InboundRoute, Queue, QueueMember, RouteNeed, WrapUpCode
from tests.admin.data import complete_set_up, failed_payload
from tests.admin.pages import member, said, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(desk: Client) -> tuple[User, Queue, Channel, InboundRoute]:
    """A set-up in which nothing is missing."""
    parts = complete_set_up()
    UserSkill.objects.create(user=parts[0], skill=Skill.objects.get(), proficiency=3)
    return parts


def texts() -> list[str]:
    return [look.text for look in get_looks()]


def test_a_complete_set_up_needs_no_look(desk: Client, running: Any) -> None:
    assert texts() == []
    assert "The set-up is complete" in said(desk.get(reverse("admin:index")))


def two_lost_channels() -> None:
    for name in ("Second", "Third"):
        Channel.objects.create(kind="fake", name=name)


def a_channel_off() -> None:
    Channel.objects.create(kind="fake", name="Second", active=False)


def three_empty_queues() -> None:
    for name in ("A", "B", "C"):
        Queue.objects.create(name=name)


def an_unskilled_queue() -> None:
    QueueMember.objects.create(queue=Queue.objects.create(name="Sales"), user=member("Ben", Role.AGENT))


def two_idle_agents() -> None:
    member("Ben", Role.AGENT)
    member("Cleo", Role.AGENT)


def an_idle_supervisor() -> None:
    member("Sam", Role.SUPERVISOR)


def a_needed_skill() -> None:
    RouteNeed.objects.create(route=InboundRoute.objects.get(), skill=Skill.objects.create(name="Dutch"), minimum=1)


def somebody_without_role() -> None:
    member("Nora")


def failed_payloads() -> None:
    channel = Channel.objects.get()
    for _number in range(3):
        failed_payload(channel, b"")


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (two_lost_channels, ["2 channels lead nowhere."]),
        (a_channel_off, []),
        (three_empty_queues, ["3 queues have no agents."]),
        (an_unskilled_queue, ["Nobody in “Sales” has a skill."]),
        (two_idle_agents, ["2 agents serve no queue."]),
        (an_idle_supervisor, []),
        (
            a_needed_skill,
            [
                "Nobody in “Returns” has all the skills that “Shop” needs.",
                "A route asks for “Dutch”, which nobody has.",
            ],
        ),
        (somebody_without_role, ["Nora has no role, so there is nothing to do for them."]),
        (failed_payloads, ["3 inbound payloads failed."]),
    ],
)
def test_what_needs_a_look_is_counted(
    desk: Client, running: Any, damage: Callable[[], None], expected: list[str]
) -> None:
    damage()
    assert texts() == expected
    page = said(desk.get(reverse("admin:index")))
    assert all(text in page for text in expected)
    assert ("What needs a look" in page) is bool(expected)


@pytest.mark.parametrize(
    ("damage", "shown", "hidden"),
    [
        (two_lost_channels, ["Second", "Third"], "Shop"),
        (three_empty_queues, ["A", "B", "C"], "Returns"),
        (two_idle_agents, ["ben@acme.example", "cleo@acme.example"], "ana@acme.example"),
    ],
)
def test_its_link_lists_just_these(
    desk: Client, running: Any, damage: Callable[[], None], shown: list[str], hidden: str
) -> None:
    damage()
    [look] = get_looks()
    found = desk.get(look.link).context["cl"].result_list
    names = {getattr(row, "email", "") or row.name for row in found}
    assert names == set(shown)
    assert hidden not in names


def test_what_is_switched_off_is_counted_and_led_to(desk: Client, running: Any) -> None:
    WrapUpCode.objects.create(name="Old", active=False)
    User.objects.filter(name="Ana").update(is_active=False)
    assert [text for text, _link in get_switched_off()] == ["1 user", "1 wrap-up code"]
    [(_text, link), _codes] = get_switched_off()
    assert [user.name for user in desk.get(link).context["cl"].result_list] == ["Ana"]


def test_nothing_switched_off_says_nothing(desk: Client, running: Any) -> None:
    assert get_switched_off() == []
    assert "Switched off" not in said(desk.get(reverse("admin:index")))


def test_a_hundred_queues_and_routes_take_no_more_queries_than_one(desk: Client, running: Any) -> None:
    with CaptureQueriesContext(connection) as few:
        get_looks()
    for number in range(30):
        queue = Queue.objects.create(name=f"Queue {number}")
        channel = Channel.objects.create(kind="fake", name=f"Channel {number}")
        RouteNeed.objects.create(
            route=InboundRoute.objects.create(channel=channel, queue=queue), skill=Skill.objects.get()
        )
    with CaptureQueriesContext(connection) as many:
        get_looks()
    assert len(many) <= len(few) + 12


def test_every_page_that_can_be_listed_is_in_the_index_by_task() -> None:
    ours = {"agents", "channels_app", "messenger", "routing", "reporting", "admin"}
    listed = {model._meta.label_lower for model in admin.site._registry if model._meta.app_label in ours}
    assert {model for _heading, tasks in TASKS for _title, _icon, model, _line in tasks} == listed


def test_a_payload_of_a_channel_links_to_the_failed_ones(desk: Client, running: Any) -> None:
    failed_payloads()
    InboundPayload.objects.filter(pk=InboundPayload.objects.earliest("id").pk).update(state="applied")
    [look] = get_looks()
    assert look.text == "2 inbound payloads failed."
    assert len(desk.get(look.link).context["cl"].result_list) == 2
    assert url("channels_app_inboundpayload", "changelist") in look.link
