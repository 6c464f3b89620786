"""Who may open the admin's pages, which of them there are, and the policy that they carry."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse

from agents.models import User
from agents.roles import Role
from contactcenter.admin_policy import POLICY, AdminPolicy
from tests.admin.pages import client_of, member, url

pytestmark = pytest.mark.django_db


def test_an_admin_opens_it(desk: Client) -> None:
    assert desk.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_nobody_else_does(role: Role) -> None:
    client = client_of(member("Ana", role))
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.status_code == 403


def test_a_stranger_is_asked_to_log_in_and_comes_back(client: Client) -> None:
    answer = client.get(url("routing_queue", "changelist"), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("agents:login"))
    assert url("routing_queue", "changelist") in answer.redirect_chain[-1][0].replace("%2F", "/")


def test_every_list_and_form_opens_on_an_empty_database(desk: Client) -> None:
    for model, page in admin.site._registry.items():
        if not page.has_view_permission(_request(desk)):
            continue
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        assert desk.get(url(name, "changelist")).status_code == 200, name
        if page.has_add_permission(_request(desk)):
            assert desk.get(url(name, "add")).status_code == 200, name


def test_every_list_of_ours_says_what_it_will_show() -> None:
    ours = {"agents", "channels_app", "routing", "reporting"}
    silent = [m for m, page in admin.site._registry.items() if m._meta.app_label in ours and not page.empty_text]
    assert silent == []


def _request(client: Client) -> Any:
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    return request


def test_pages_of_the_admin_carry_a_policy_without_inline_scripts() -> None:
    answer = AdminPolicy(lambda request: _plain())(RequestFactory().get("/admin/routing/queue/"))
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert "'unsafe-inline'" not in POLICY.partition("script-src")[2].partition(";")[0]


def test_other_pages_keep_theirs() -> None:
    answer = AdminPolicy(lambda request: _plain())(RequestFactory().get("/login/"))
    assert "Content-Security-Policy" not in answer.headers


def _plain() -> Any:
    from django.http import HttpResponse

    return HttpResponse("")
