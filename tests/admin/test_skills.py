"""Skills that somebody has or something needs are not deleted; the page says who and how many."""

from __future__ import annotations

import pytest
from django.test import Client

from agents.models import Skill, User, UserSkill
from channels_app.models import Channel
from routing.models import InboundRoute, Queue, RouteNeed
from tests.admin.pages import run, said, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def german() -> Skill:
    return Skill.objects.create(name="German", kind="language")


def delete_page(desk: Client, skill: Skill) -> str:
    return " ".join(said(desk.get(url("agents_skill", "delete", skill.pk))).split())


def test_a_skill_that_agents_have_is_not_deleted_and_they_are_named(
    desk: Client, german: Skill, agents: list[User]
) -> None:
    for user in agents:
        UserSkill.objects.create(user=user, skill=german)
    page = delete_page(desk, german)
    assert "“German” is in use and can't be deleted." in page
    assert "3 users have it: Ana, Ben, Cleo" in page
    desk.post(url("agents_skill", "delete", german.pk), {"post": "yes"})
    assert UserSkill.objects.filter(skill=german).count() == 3


def test_of_many_who_have_it_three_are_named(desk: Client, german: Skill, agents: list[User], olga: User) -> None:
    for user in (olga, *agents):
        UserSkill.objects.create(user=user, skill=german)
    assert "4 users have it: Ana, Ben, Cleo, …" in delete_page(desk, german)


def test_a_skill_that_a_route_needs_is_not_deleted(desk: Client, german: Skill, shop: Channel) -> None:
    route = InboundRoute.objects.create(channel=shop, queue=Queue.objects.create(name="Returns"))
    RouteNeed.objects.create(route=route, skill=german)
    assert "1 inbound route needs it: Shop" in delete_page(desk, german)
    desk.post(url("agents_skill", "delete", german.pk), {"post": "yes"})
    assert Skill.objects.filter(pk=german.pk).exists()


def test_a_skill_that_nobody_uses_is_deleted_after_a_question(desk: Client, german: Skill, agents: list[User]) -> None:
    other = Skill.objects.create(name="Returns")
    UserSkill.objects.create(user=agents[0], skill=other)
    assert "Are you sure" in delete_page(desk, german)
    desk.post(url("agents_skill", "delete", german.pk), {"post": "yes"})
    assert list(Skill.objects.all()) == [other]


def test_many_skills_are_not_deleted_at_once(desk: Client, german: Skill) -> None:
    run(desk, "delete_selected", [german])
    assert Skill.objects.filter(pk=german.pk).exists()


def test_a_rating_says_whose_it_is(german: Skill, agents: list[User]) -> None:
    assert str(UserSkill(user=agents[0], skill=german, proficiency=5)) == "Ana: German 5"
