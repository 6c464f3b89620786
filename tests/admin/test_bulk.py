"""Bulk actions of the admin: they ask first, say what happens, refuse in words, and note who did it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client

from agents import roles
from agents.models import AgentLoad, Skill, Team, User, UserSkill, Utilization
from agents.roles import Role
from channels_app.models import Channel
from routing.models import InboundRoute, Queue, QueueMember, WrapUpCode
from tests.admin.pages import client_of, member, run, said, url

pytestmark = pytest.mark.django_db


def noted(row: Any) -> list[str]:
    """What the log says of a row."""
    return [entry.change_message for entry in LogEntry.objects.filter(object_id=str(row.pk))]


# --- asking --------------------------------------------------------------------------------------


def test_it_asks_first_with_how_many_and_what_happens(desk: Client, agents: list[User]) -> None:
    page = said(run(desk, "switch_off", agents, confirmed=False))
    assert "Switch off: 3 users" in page
    assert "They are logged out at once" in page
    assert "Ana, Ben, Cleo" in " ".join(page.split())
    assert User.objects.filter(is_active=True, groups__name="agent").count() == 3


def test_confirmed_it_does_it_and_says_how_many(desk: Client, agents: list[User]) -> None:
    User.objects.filter(pk=agents[0].pk).update(is_active=False)
    page = said(run(desk, "switch_off", agents))
    assert "2 changed." in page
    assert "1 was so already." in page
    assert not User.objects.filter(is_active=True, groups__name="agent").exists()
    assert noted(agents[0]) == []


def test_a_selection_that_changed_meanwhile_is_asked_about_again(desk: Client, agents: list[User]) -> None:
    page = said(run(desk, "switch_off", agents, sure_of=2))
    assert "The selection has changed meanwhile." in page
    assert User.objects.filter(is_active=True, groups__name="agent").count() == 3


def test_all_of_a_filtered_list_can_be_meant(desk: Client, agents: list[User]) -> None:
    address = url("agents_user", "changelist") + "?role=agent"
    chosen = {"action": "switch_off", "_selected_action": str(agents[0].pk), "select_across": "1"}
    assert "Switch off: 3 users" in said(desk.post(address, chosen))
    desk.post(address, {**chosen, "confirmed": 3})
    assert not User.objects.filter(is_active=True, groups__name="agent").exists()
    assert User.objects.get(name="Olga").is_active


def test_a_wrong_value_is_named_and_nothing_is_done(desk: Client, agents: list[User]) -> None:
    skill = Skill.objects.create(name="German")
    page = said(run(desk, "set_skill", agents, skill=skill.pk, proficiency="7"))
    assert "less than or equal to 5" in page
    assert "Set a skill: 3 users" in page
    assert not UserSkill.objects.exists()


def test_who_may_only_look_is_offered_nothing(agents: list[User]) -> None:
    sam = member("Sam", Role.SUPERVISOR)
    assert client_of(sam).get(url("agents_user", "changelist"), follow=True).status_code == 403


def test_every_bulk_action_says_what_happens() -> None:
    silent = [
        (model.__name__, one.name)
        for model, page in admin.site._registry.items()
        for one in (page.get_bulks() if hasattr(page, "get_bulks") else ())
        if len(str(one.consequence)) < 20
    ]
    assert silent == []


# --- people --------------------------------------------------------------------------------------


def test_a_skill_is_set_for_many(desk: Client, agents: list[User], olga: User) -> None:
    skill = Skill.objects.create(name="German", kind="language")
    UserSkill.objects.create(user=agents[0], skill=skill, proficiency=2)
    UserSkill.objects.create(user=agents[1], skill=skill, proficiency=4)
    page = said(run(desk, "set_skill", agents, skill=skill.pk, proficiency="4"))
    assert "2 changed." in page
    assert set(UserSkill.objects.values_list("user__name", "proficiency")) == {("Ana", 4), ("Ben", 4), ("Cleo", 4)}
    assert '"old": "2", "new": "4"' in noted(agents[0])[0]
    assert noted(agents[1]) == []
    assert LogEntry.objects.filter(user=olga).count() == 2


def test_a_skill_is_taken_away_from_those_who_have_it(desk: Client, agents: list[User]) -> None:
    skill, other = Skill.objects.create(name="German"), Skill.objects.create(name="Returns")
    for held in (skill, other):
        UserSkill.objects.create(user=agents[0], skill=held, proficiency=2)
    run(desk, "take_skill", agents, skill=skill.pk)
    assert list(UserSkill.objects.values_list("skill__name", flat=True)) == ["Returns"]
    assert noted(agents[1]) == []


def test_a_limit_holds_at_once_and_none_gives_the_default_back(desk: Client, agents: list[User]) -> None:
    run(desk, "set_limit", agents, medium="message", limit="6")
    assert set(AgentLoad.objects.filter(medium="message").values_list("limit", flat=True)) == {6}
    run(desk, "set_limit", agents[:1], medium="message", limit="")
    assert Utilization.objects.count() == 2
    assert AgentLoad.objects.get(user=agents[0], medium="message").limit == 4


def test_a_role_is_given_beside_the_others(desk: Client, agents: list[User]) -> None:
    run(desk, "give_role", agents, role="admin")
    assert roles.roles_of(User.objects.get(name="Ana")) == [Role.AGENT, Role.ADMIN]
    assert User.objects.filter(is_staff=True).count() == 4
    run(desk, "take_role", agents, role="admin")
    assert roles.roles_of(User.objects.get(name="Ana")) == [Role.AGENT]
    assert User.objects.filter(is_staff=True).count() == 1


def test_the_last_admin_keeps_the_role(desk: Client, olga: User) -> None:
    assert "This is the last active admin" in said(run(desk, "take_role", [olga], role="admin"))
    assert roles.roles_of(User.objects.get(pk=olga.pk)) == [Role.ADMIN]
    assert noted(olga) == []


def test_a_team_is_set_and_the_old_one_noted(desk: Client, agents: list[User]) -> None:
    sales, service = Team.objects.create(name="Sales"), Team.objects.create(name="Service")
    User.objects.filter(pk=agents[0].pk).update(team=sales)
    run(desk, "set_team", agents, team=service.pk)
    assert service.members.count() == 3
    assert '"old": "Sales", "new": "Service"' in noted(agents[0])[0]


def test_an_admin_changes_no_superuser_by_the_way(desk: Client, agents: list[User]) -> None:
    root = User.objects.create_superuser("root@acme.example", "seven silver spoons", name="Root")
    page = said(run(desk, "switch_off", [*agents, root]))
    assert "Only a superuser changes the account of: Root" in page
    assert User.objects.filter(is_active=True).count() == 5


# --- queues, channels, routes --------------------------------------------------------------------


def test_agents_join_and_leave_a_queue(desk: Client, agents: list[User]) -> None:
    queue = Queue.objects.create(name="Returns")
    QueueMember.objects.create(queue=queue, user=agents[0])
    run(desk, "add_to_queue", agents, queue=queue.pk)
    assert set(queue.memberships.values_list("user__name", flat=True)) == {"Ana", "Ben", "Cleo"}
    assert (len(noted(agents[0])), len(noted(agents[1]))) == (0, 1)
    run(desk, "remove_from_queue", agents[1:], queue=queue.pk)
    assert [row.user for row in queue.memberships.all()] == [agents[0]]


def test_who_is_no_agent_joins_no_queue_and_neither_do_the_others(desk: Client, agents: list[User], olga: User) -> None:
    queue = Queue.objects.create(name="Returns")
    page = said(run(desk, "add_to_queue", [*agents, olga], queue=queue.pk))
    assert "Not active agents: Olga." in page
    assert not queue.memberships.exists()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Queue.objects.create(name="Returns"),
        lambda: Channel.objects.create(kind="fake", name="Test"),
        lambda: WrapUpCode.objects.create(name="Solved"),
    ],
)
def test_configuration_is_switched_off_and_on(desk: Client, make: Callable[[], Any]) -> None:
    row = make()
    for action, active in (("switch_off", False), ("switch_on", True)):
        run(desk, action, [row])
        row.refresh_from_db()
        assert row.active is active
    assert len(noted(row)) == 2


def test_one_queue_in_use_keeps_all_of_them_on(desk: Client) -> None:
    used, free = Queue.objects.create(name="Returns"), Queue.objects.create(name="Sales")
    InboundRoute.objects.create(channel=Channel.objects.create(kind="fake", name="Shop"), queue=used)
    assert "“Shop” leads to “Returns”" in said(run(desk, "switch_off", [used, free]))
    assert Queue.objects.filter(active=True).count() == 2


def test_channels_are_led_to_another_queue(desk: Client) -> None:
    old, new = Queue.objects.create(name="Returns"), Queue.objects.create(name="Sales")
    route = InboundRoute.objects.create(channel=Channel.objects.create(kind="fake", name="Shop"), queue=old)
    run(desk, "lead_to", [route], queue=new.pk)
    route.refresh_from_db()
    assert route.queue == new
    assert '"old": "Returns", "new": "Sales"' in noted(route)[0]


def test_they_are_not_led_to_a_queue_that_is_off(desk: Client) -> None:
    old, off = Queue.objects.create(name="Returns"), Queue.objects.create(name="Sales", active=False)
    route = InboundRoute.objects.create(channel=Channel.objects.create(kind="fake", name="Shop"), queue=old)
    assert "Select a valid choice" in said(run(desk, "lead_to", [route], queue=off.pk))
    route.refresh_from_db()
    assert route.queue == old


# --- deleting ------------------------------------------------------------------------------------


def test_who_changed_something_is_not_deleted_from_the_log(desk: Client, olga: User, agents: list[User]) -> None:
    run(desk, "switch_off", agents[:1])
    petra = client_of(member("Petra", Role.ADMIN))
    page = said(petra.get(url("agents_user", "delete", olga.pk)))
    assert "1 change that they made" in page
    assert "Switch it off instead" in page


def test_who_never_changed_anything_can_be_deleted(desk: Client, agents: list[User]) -> None:
    desk.post(url("agents_user", "delete", agents[0].pk), {"post": "yes"})
    assert not User.objects.filter(pk=agents[0].pk).exists()


def test_a_deletion_says_how_many_rows_it_touches_without_listing_all(desk: Client) -> None:
    queue = Queue.objects.create(name="Returns")
    for number in range(25):
        QueueMember.objects.create(user=member(f"Agent{number}", Role.AGENT), queue=queue)
    page = " ".join(said(desk.get(url("routing_queue", "delete", queue.pk))).split())
    assert "Members: 25" in page
    assert page.count("· Returns") <= 20
    assert "…" in page


def test_a_route_is_switched_off_and_on_unless_its_queue_is_off(desk: Client) -> None:
    queue = Queue.objects.create(name="Returns")
    route = InboundRoute.objects.create(channel=Channel.objects.create(kind="fake", name="Shop"), queue=queue)
    run(desk, "switch_off", [route])
    run(desk, "switch_off", [queue])
    assert "“Returns” is switched off" in said(run(desk, "switch_on", [route]))
    route.refresh_from_db()
    assert not route.active
    run(desk, "switch_on", [queue])
    run(desk, "switch_on", [route])
    route.refresh_from_db()
    assert route.active
