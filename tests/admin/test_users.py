"""Users in the admin: one form makes an agent who can start, and nobody is locked out."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from agents import roles
from agents.models import AgentLoad, Medium, Skill, User, UserSkill, Utilization
from agents.roles import Role
from routing.models import Queue, QueueMember
from tests.admin.data import edit, user_data
from tests.admin.pages import Capture, member, rows, run, said, url

pytestmark = pytest.mark.django_db


def test_one_form_makes_an_agent_who_can_start(desk: Client, django_capture_on_commit_callbacks: Capture) -> None:
    german = Skill.objects.create(name="German", kind="language")
    returns = Queue.objects.create(name="Returns")
    inlines = {
        **rows("user_skills", {"skill": german.pk, "proficiency": "4.5"}),
        **rows("memberships", {"queue": returns.pk, "active": "on"}),
        **rows("utilizations", {"medium": "message", "limit": 6}),
    }
    with django_capture_on_commit_callbacks(execute=True):
        answer = desk.post(url("agents_user", "add"), user_data(**inlines))
    assert answer.url == url("agents_user", "changelist")
    ana = User.objects.get(email="ana@acme.example")
    assert ana.check_password("green garden gate")
    assert (roles.roles_of(ana), ana.is_staff, ana.is_active) == ([Role.AGENT], False, True)
    assert [str(row.proficiency) for row in UserSkill.objects.filter(user=ana, skill=german)] == ["4.5"]
    assert QueueMember.objects.filter(user=ana, queue=returns).exists()
    assert AgentLoad.objects.get(user=ana, medium=Medium.MESSAGE).limit == 6


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password": "short"}, "at least 10 characters"),
        ({"email": "OLGA@acme.example"}, "Somebody has this address already"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"roles": ["owner"]}, "Select a valid choice"),
    ],
)
def test_a_wrong_field_is_named_and_nobody_is_made(desk: Client, change: dict[str, Any], sentence: str) -> None:
    answer = desk.post(url("agents_user", "add"), user_data(**change))
    assert sentence in said(answer)
    assert User.objects.count() == 1


@pytest.mark.parametrize("change", [{"roles": ["agent"]}, {"is_active": None}])
def test_the_last_admin_can_not_lock_everybody_out(desk: Client, olga: User, change: dict[str, Any]) -> None:
    answer = desk.post(url("agents_user", "change", olga.pk), edit(olga, **change))
    assert "This is the last active admin" in said(answer)
    olga.refresh_from_db()
    assert olga.is_active
    assert olga.is_staff


def test_one_of_two_admins_can_step_back(desk: Client, olga: User) -> None:
    member("Petra", Role.ADMIN)
    desk.post(url("agents_user", "change", olga.pk), edit(olga, roles=["agent"]))
    olga.refresh_from_db()
    assert not olga.is_staff


def test_the_last_admin_is_not_switched_off_from_the_list(desk: Client, olga: User) -> None:
    assert "last active admin" in said(run(desk, "switch_off", [olga]))
    olga.refresh_from_db()
    assert olga.is_active


def test_an_agent_is_switched_off_from_the_list_and_it_is_noted(desk: Client, olga: User) -> None:
    ana = member("Ana", Role.AGENT)
    run(desk, "switch_off", [ana])
    ana.refresh_from_db()
    assert not ana.is_active
    entry = LogEntry.objects.get(object_id=str(ana.pk))
    assert (entry.user, entry.get_change_message()) == (olga, "Changed active.")


def test_nobody_deletes_their_own_account(desk: Client, olga: User) -> None:
    assert desk.post(url("agents_user", "delete", olga.pk), {"post": "yes"}).status_code == 403


def test_an_admin_can_not_take_over_a_superuser(desk: Client) -> None:
    root = User.objects.create_superuser("root@acme.example", "seven silver spoons", name="Root")
    assert desk.post(reverse("admin:auth_user_password_change", args=[root.pk]), {}).status_code == 403
    assert desk.post(url("agents_user", "delete", root.pk), {"post": "yes"}).status_code == 403


def test_a_changed_default_reaches_everybody_without_a_limit_of_their_own(
    desk: Client, django_capture_on_commit_callbacks: Capture
) -> None:
    ana, ben = member("Ana", Role.AGENT), member("Ben", Role.AGENT)
    Utilization.objects.create(user=ben, medium=Medium.MESSAGE, limit=2)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(url("agents_utilization", "add"), {"medium": "message", "limit": 9, "user": ""})
    limits = dict(AgentLoad.objects.filter(medium=Medium.MESSAGE).values_list("user__name", "limit"))
    assert (limits[ana.name], limits[ben.name]) == (9, 2)


def test_a_deleted_limit_gives_the_default_back(desk: Client, django_capture_on_commit_callbacks: Capture) -> None:
    ben = member("Ben", Role.AGENT)
    own = Utilization.objects.create(user=ben, medium=Medium.MESSAGE, limit=2)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(url("agents_utilization", "delete", own.pk), {"post": "yes"})
    assert AgentLoad.objects.get(user=ben, medium=Medium.MESSAGE).limit == 4


def test_a_limit_of_26_is_refused(desk: Client) -> None:
    answer = desk.post(url("agents_utilization", "add"), {"medium": "message", "limit": 26, "user": ""})
    assert "less than or equal to 25" in said(answer)
    assert not Utilization.objects.exists()


def test_fields_that_look_a_user_up_offer_active_agents_and_the_list_finds_everybody(
    desk: Client, agents: list[User]
) -> None:
    User.objects.filter(pk=agents[2].pk).update(is_active=False)
    sam = member("Sam", Role.SUPERVISOR)
    asked = {"term": "", "app_label": "agents", "model_name": "userskill", "field_name": "user"}
    found = [one["text"] for one in desk.get("/admin/autocomplete/", asked).json()["results"]]
    assert found == [str(agent) for agent in agents[:2]]
    assert sam.email in said(desk.get(url("agents_user", "changelist"), {"q": "Sam"}))
