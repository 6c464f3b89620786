"""What every form and list of the admin has: help at each field, search, filters."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from agents.models import Skill, User, UserSkill
from agents.roles import Role
from channels_app.admin.fields import SecretField
from channels_app.messenger.models import Deployment
from channels_app.models import Channel
from routing.models import InboundRoute, Queue, QueueMember, RouteNeed
from tests.admin.data import QUEUE, QUEUE_INLINES
from tests.admin.pages import member, no_rows, rows, url

pytestmark = pytest.mark.django_db
OURS = {"agents", "channels_app", "routing", "reporting"}


def request_of(user: User) -> Any:
    request = RequestFactory().get("/admin/")
    request.user = user
    return request


def forms_of(request: Any) -> list[tuple[str, Any]]:
    """Every form that can be filled in, for a new row and a known one, with those of its tables."""
    found = []
    for model, page in admin.site._registry.items():
        if model._meta.app_label not in OURS or not page.has_change_permission(request):
            continue
        for row in (None, sample(model)):
            found.append((model.__name__, page.get_form(request, row)))
            found += [
                (f"{model.__name__} · {formset.model.__name__}", without(formset.form, formset.fk.name))
                for formset, _inline in page.get_formsets_with_inlines(request, row)
            ]
    return found


def without(form: Any, key: str) -> Any:
    """A row of a table without its key to the page's object, which nobody sees."""
    return SimpleNamespace(base_fields={name: field for name, field in form.base_fields.items() if name != key})


def sample(model: Any) -> Any:
    shop = Channel(kind="webmessaging", name="Shop")
    if model is Deployment:
        return Deployment(channel=shop, name="Front")
    return shop if model is Channel else model()


def silent(name: str, form: Any) -> list[str]:
    """Fields without a word on what they lead to. Keys of tables and their tick for removal need none; secrets say it
    once it is known whether one is stored.
    """
    fields = {key: field for key, field in form.base_fields.items() if key not in ("id", "DELETE")}
    shown = {key: field for key, field in fields.items() if not isinstance(field, SecretField)}
    return [f"{name}.{key}" for key, field in shown.items() if not field.help_text]


def test_every_field_says_what_it_leads_to() -> None:
    found = forms_of(request_of(member("Olga", Role.ADMIN)))
    assert len(found) > 20
    missing = {one for name, form in found for one in silent(name, form)}
    assert sorted(missing) == []


def test_the_check_finds_a_field_without_help() -> None:
    class Bare(forms.Form):
        name = forms.CharField()
        help = forms.CharField(help_text="What it does.")

    assert silent("Bare", Bare) == ["Bare.name"]


def test_every_list_can_be_searched() -> None:
    lists = {model.__name__: page for model, page in admin.site._registry.items() if model._meta.app_label in OURS}
    assert [name for name, page in lists.items() if not page.search_fields] == []


def test_every_list_but_of_names_can_be_filtered() -> None:
    names_only = {"Team", "MessengerConfiguration", "Contact"}
    lists = {model.__name__: page for model, page in admin.site._registry.items() if model._meta.app_label in OURS}
    assert {name for name, page in lists.items() if not page.list_filter} <= names_only


# --- what is wrong, and where --------------------------------------------------------------------


def note(answer: Any) -> str:
    """What stands above a form that can't be saved."""
    found = re.search(r'class="errornote.*?</ul>', answer.content.decode(), re.DOTALL)
    return found[0] if found else ""


def test_above_a_long_form_stands_where_something_is_wrong(desk: Client) -> None:
    olga = User.objects.get()
    inlines = {**rows("memberships", {"user": olga.pk, "active": "on"}), **no_rows("queuewrapupcode_set")}
    answer = desk.post(url("routing_queue", "add"), {**QUEUE, "alert_timeout": "5 s", **inlines})
    assert 'href="#id_alert_timeout">Alert time</a>' in note(answer)
    assert 'href="#id_memberships-0-user">Member 1 · Agent</a>' in note(answer)
    assert "#id_name" not in note(answer)


def test_a_form_that_is_right_has_no_note(desk: Client) -> None:
    assert note(desk.get(url("routing_queue", "add"))) == ""
    answer = desk.post(url("routing_queue", "add"), {**QUEUE, **no_rows(*QUEUE_INLINES)}, follow=True)
    assert note(answer) == ""


# --- hundreds of rows ----------------------------------------------------------------------------


def many(count: int, start: int) -> None:
    skill = Skill.objects.get_or_create(name="German")[0]
    for number in range(start, start + count):
        agent, queue = member(f"Agent{number}", Role.AGENT), Queue.objects.create(name=f"Queue {number}")
        UserSkill.objects.create(user=agent, skill=skill, proficiency=3)
        QueueMember.objects.create(queue=queue, user=agent)
        channel = Channel.objects.create(kind="fake", name=f"Channel {number}")
        route = InboundRoute.objects.create(channel=channel, queue=queue)
        RouteNeed.objects.create(route=route, skill=skill, minimum=1)


@pytest.mark.parametrize(
    "model", ["agents_user", "agents_skill", "routing_queue", "routing_inboundroute", "channels_app_channel"]
)
def test_a_longer_list_takes_no_more_queries(desk: Client, model: str) -> None:
    many(3, 0)
    desk.get(url(model, "changelist"))
    with CaptureQueriesContext(connection) as few:
        desk.get(url(model, "changelist"))
    many(30, 3)
    with CaptureQueriesContext(connection) as more:
        desk.get(url(model, "changelist"))
    assert len(more) <= len(few)
