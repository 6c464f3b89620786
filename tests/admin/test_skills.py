"""Skills that somebody has or something needs are not deleted; the page says who and how many."""

from __future__ import annotations

import pytest
from django.test import Client

from agents.models import Skill, User, UserSkill
from channels_app.models import Channel
from routing.models import InboundRoute, Queue, RouteNeed
from tests.admin.data import edit
from tests.admin.pages import rows, run, said, url
from tests.admin.sheets import apply, upload

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


# --- out of use ----------------------------------------------------------------------------------


def found_by_typing(desk: Client) -> list[str]:
    """What a field offers that looks a skill up."""
    asked = {"term": "", "app_label": "agents", "model_name": "userskill", "field_name": "skill"}
    return [one["text"] for one in desk.get("/admin/autocomplete/", asked).json()["results"]]


def offered(desk: Client, action: str, agents: list[User]) -> str:
    """The skills among which a bulk action lets one choose."""
    return said(run(desk, action, agents, confirmed=False))


@pytest.fixture
def french(desk: Client) -> Skill:
    """Switched off in the list."""
    skill = Skill.objects.create(name="French", kind="language")
    run(desk, "switch_off", [skill])
    return skill


def test_a_skill_that_is_off_is_not_offered_where_skills_are_given(
    desk: Client, german: Skill, french: Skill, agents: list[User]
) -> None:
    assert found_by_typing(desk) == ["German"]
    assert "French" not in offered(desk, "set_skill", agents)
    assert "German" in offered(desk, "set_skill", agents)
    run(desk, "switch_on", [french])
    assert found_by_typing(desk) == ["French", "German"]
    assert "French" in offered(desk, "set_skill", agents)


def test_a_skill_that_is_off_can_still_be_taken(desk: Client, french: Skill, agents: list[User]) -> None:
    UserSkill.objects.create(user=agents[0], skill=french)
    assert "French" in offered(desk, "take_skill", agents)


def test_who_has_a_skill_that_is_off_keeps_it_when_their_page_is_saved(
    desk: Client, french: Skill, agents: list[User]
) -> None:
    held = UserSkill.objects.create(user=agents[0], skill=french, proficiency=2)
    row = rows("user_skills", {"id": held.pk, "user": agents[0].pk, "skill": french.pk, "proficiency": "4"}, initial=1)
    answer = desk.post(url("agents_user", "change", agents[0].pk), edit(agents[0], **row))
    assert answer.status_code == 302
    held.refresh_from_db()
    assert held.proficiency == 4


def test_a_route_is_offered_skills_in_use_and_those_that_routes_ask_for(
    desk: Client, german: Skill, french: Skill, shop: Channel
) -> None:
    route = InboundRoute.objects.create(channel=shop, queue=Queue.objects.create(name="Returns"))
    page = url("routing_inboundroute", "change", route.pk)
    assert "French" not in said(desk.get(page))
    assert "German" in said(desk.get(page))
    need = RouteNeed.objects.create(route=route, skill=french)
    kept = rows("needs", {"id": need.pk, "route": route.pk, "skill": french.pk, "minimum": "3"}, initial=1)
    data = {"channel": shop.pk, "queue": route.queue_id, "active": "on", "priority": 0, **kept}
    assert desk.post(page, data).status_code == 302
    need.refresh_from_db()
    assert need.minimum == 3


def test_the_page_that_refuses_to_delete_offers_to_switch_off(desk: Client, german: Skill, agents: list[User]) -> None:
    UserSkill.objects.create(user=agents[0], skill=german)
    page = desk.get(url("agents_skill", "delete", german.pk)).content.decode()
    assert f"/admin/agents/skill/{german.pk}/switch-off/" in page
    desk.post(f"/admin/agents/skill/{german.pk}/switch-off/")
    german.refresh_from_db()
    assert not german.active
    assert UserSkill.objects.filter(skill=german).count() == 1


def test_a_file_switches_skills_off_and_without_the_column_leaves_them_so(desk: Client, german: Skill) -> None:
    for text in ("name;active\nGerman;no\n", "name;kind\nGerman;skill\n"):
        apply(desk, "agents_skill", upload(desk, "agents_skill", text))
        german.refresh_from_db()
        assert not german.active
