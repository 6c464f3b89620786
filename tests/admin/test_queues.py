"""Queues and routes in the admin: members and codes on one page, and what would lose messages is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from agents.models import Skill, User, UserSkill
from agents.roles import Role
from channels_app.messenger.models import Deployment
from channels_app.models import Channel
from routing.models import InboundRoute, Queue, QueueMember, WrapUpCode
from tests.admin.data import QUEUE, QUEUE_INLINES
from tests.admin.pages import member, no_rows, rows, run, said, url

pytestmark = pytest.mark.django_db


def test_a_queue_takes_its_members_and_codes_on_one_page(desk: Client) -> None:
    ana, solved = member("Ana", Role.AGENT), WrapUpCode.objects.create(name="Solved")
    inlines = rows("memberships", {"user": ana.pk, "active": "on"})
    desk.post(url("routing_queue", "add"), {**QUEUE, **inlines, **rows("queuewrapupcode_set", {"code": solved.pk})})
    queue = Queue.objects.get(name="Returns")
    assert [(row.user, row.active) for row in queue.memberships.all()] == [(ana, True)]
    assert list(queue.codes.all()) == [solved]
    assert queue.reclaim_after == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"alert_timeout": "5 s"}, "Too short: at least 7 s."),
        ({"alert_timeout": "1 h"}, "Too long: at most 15 min."),
        ({"wrapup_timeout": "soon"}, "Write a number with its unit"),
        ({"service_level_within": "0 s"}, "Write at least 1 s."),
        ({"service_level": "101"}, "less than or equal to 100"),
        ({"parked_weight": "2"}, "less than or equal to 1"),
    ],
)
def test_a_wrong_setting_is_named(desk: Client, change: dict[str, str], sentence: str) -> None:
    answer = desk.post(url("routing_queue", "add"), {**QUEUE, **no_rows(*QUEUE_INLINES), **change})
    assert sentence in said(answer)
    assert not Queue.objects.exists()


def test_somebody_who_is_no_agent_is_no_member(desk: Client, olga: User) -> None:
    inlines = {**rows("memberships", {"user": olga.pk, "active": "on"}), **no_rows("queuewrapupcode_set")}
    answer = desk.post(url("routing_queue", "add"), {**QUEUE, **inlines})
    assert "Olga isn't an active agent" in said(answer)


def test_a_queue_without_members_is_kept_with_a_warning(desk: Client) -> None:
    answer = desk.post(url("routing_queue", "add"), {**QUEUE, **no_rows(*QUEUE_INLINES)}, follow=True)
    assert "Nobody serves “Returns” yet" in said(answer)


def test_a_queue_that_a_channel_leads_to_stays_on(desk: Client, shop: Channel) -> None:
    queue = Queue.objects.create(name="Returns")
    InboundRoute.objects.create(channel=shop, queue=queue)
    off = {key: value for key, value in QUEUE.items() if key != "active"}
    answer = desk.post(url("routing_queue", "change", queue.pk), {**off, **no_rows(*QUEUE_INLINES)})
    assert "“Shop” leads to “Returns”" in said(answer)
    assert "“Shop” leads to “Returns”" in said(run(desk, "switch_off", [queue]))
    queue.refresh_from_db()
    assert queue.active


def test_what_is_in_use_is_not_deleted_but_can_be_switched_off(desk: Client, shop: Channel) -> None:
    Deployment.objects.create(channel=shop, name="Front")
    page = said(desk.get(url("channels_app_channel", "delete", shop.pk)))
    assert "“Shop” is in use and can't be deleted." in page
    assert "Switch it off instead" in page
    desk.post(url("channels_app_channel", "delete", shop.pk), {"post": "yes"})
    assert Channel.objects.filter(pk=shop.pk).exists()
    desk.post(url("channels_app_channel", "switch_off", shop.pk))
    shop.refresh_from_db()
    assert not shop.active


def test_switching_off_needs_a_post(desk: Client, shop: Channel) -> None:
    assert desk.get(url("channels_app_channel", "switch_off", shop.pk)).status_code == 405


def test_what_nothing_needs_is_deleted_after_a_question(desk: Client) -> None:
    queue = Queue.objects.create(name="Returns")
    assert "Are you sure" in said(desk.get(url("routing_queue", "delete", queue.pk)))
    desk.post(url("routing_queue", "delete", queue.pk), {"post": "yes"})
    assert not Queue.objects.exists()


def route_data(shop: Channel, queue: Queue, *needs: dict[str, Any]) -> dict[str, Any]:
    return {"channel": shop.pk, "queue": queue.pk, "priority": 0, "active": "on", **rows("needs", *needs)}


def test_a_route_says_when_nobody_has_what_it_needs(desk: Client, shop: Channel) -> None:
    german, queue = Skill.objects.create(name="German"), Queue.objects.create(name="Returns")
    data = route_data(shop, queue, {"skill": german.pk, "minimum": "3"})
    answer = desk.post(url("routing_inboundroute", "add"), data, follow=True)
    assert "No member of “Returns” has all the skills" in said(answer)
    assert InboundRoute.objects.get(channel=shop).needs.get().skill == german


def test_a_route_that_somebody_fits_says_nothing(desk: Client, shop: Channel) -> None:
    german, queue, ana = Skill.objects.create(name="German"), Queue.objects.create(name="R"), member("Ana", Role.AGENT)
    UserSkill.objects.create(user=ana, skill=german, proficiency=3)
    QueueMember.objects.create(queue=queue, user=ana)
    data = route_data(shop, queue, {"skill": german.pk, "minimum": "3"})
    answer = desk.post(url("routing_inboundroute", "add"), data, follow=True)
    assert "No member of" not in said(answer)


def test_a_second_route_of_a_channel_is_refused_with_the_first(desk: Client, shop: Channel) -> None:
    queue = Queue.objects.create(name="Returns")
    InboundRoute.objects.create(channel=shop, queue=queue)
    answer = desk.post(url("routing_inboundroute", "add"), route_data(shop, queue))
    assert "“Shop” leads to “Returns” already" in said(answer)


def test_a_route_to_a_queue_that_is_off_is_refused(desk: Client, shop: Channel) -> None:
    queue = Queue.objects.create(name="Returns", active=False)
    assert "is switched off" in said(desk.post(url("routing_inboundroute", "add"), route_data(shop, queue)))
