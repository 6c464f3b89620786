"""Logging in and out, the limit on attempts, and one's own password."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents import roles
from agents.models import User
from agents.roles import Role

pytestmark = pytest.mark.django_db

PASSWORD = "green garden gate"


def member(name: str, *given: Role) -> User:
    user = User.objects.create_user(f"{name.lower()}@acme.example", PASSWORD, name=name)
    roles.assign(user, given)
    return user


@pytest.fixture
def ana() -> User:
    return member("Ana", Role.AGENT)


def attempt(client: Client, email: str, password: str, **extra: Any) -> Any:
    return client.post(reverse("agents:login"), {"username": email, "password": password, **extra})


def logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_an_agent_logs_in_and_goes_to_the_desk(client: Client, ana: User) -> None:
    answer = attempt(client, "ana@acme.example", PASSWORD)
    assert (answer.status_code, answer.url) == (302, "/")
    assert logged_in(client)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ([Role.AGENT], "/desk/"),
        ([Role.AGENT, Role.SUPERVISOR], "/desk/"),
        ([Role.SUPERVISOR], "/reporting/"),
        ([Role.ADMIN], "/admin/"),
        ([], "/desk/"),  # which says that they may not open it
    ],
)
def test_the_bare_address_leads_to_one_s_own_place(client: Client, given: list[Role], place: str) -> None:
    client.force_login(member("Ana", *given))
    assert client.get("/").headers["Location"].startswith(place)
    client.logout()
    assert client.get("/").headers["Location"] == "/login/?next=/"


def test_capitals_in_the_address_do_not_matter(client: Client, ana: User) -> None:
    attempt(client, "Ana@ACME.example", PASSWORD)
    assert logged_in(client)


def test_capitals_in_the_password_do(client: Client, ana: User) -> None:
    answer = attempt(client, "ana@acme.example", PASSWORD.upper())
    assert not logged_in(client)
    assert "Check both" in answer.content.decode()


def test_somebody_switched_off_does_not_log_in(client: Client, ana: User) -> None:
    ana.is_active = False
    ana.save()
    attempt(client, "ana@acme.example", PASSWORD)
    assert not logged_in(client)


def test_who_only_administers_goes_to_the_admin(client: Client) -> None:
    member("Olga", Role.ADMIN)
    assert attempt(client, "olga@acme.example", PASSWORD).url == reverse("admin:index")


def test_who_also_answers_goes_to_the_desk(client: Client) -> None:
    member("Olga", Role.ADMIN, Role.AGENT)
    assert attempt(client, "olga@acme.example", PASSWORD).url == "/"


def test_the_page_that_was_asked_for_comes_first(client: Client, ana: User) -> None:
    assert attempt(client, "ana@acme.example", PASSWORD, next="/password/").url == "/password/"


def test_a_foreign_site_is_not_gone_to(client: Client, ana: User) -> None:
    assert attempt(client, "ana@acme.example", PASSWORD, next="https://evil.example/").url == "/"


def test_too_many_failures_close_the_door_even_for_the_right_password(client: Client, ana: User, settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    for wrong in ("one wrong word", "two wrong words", "three wrong words"):
        attempt(client, "ana@acme.example", wrong)
    answer = attempt(client, "ana@acme.example", PASSWORD)
    assert answer.status_code == 429
    assert not logged_in(client)


def test_writing_the_address_differently_does_not_reopen_it(client: Client, ana: User, settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    for spelling in ("ana@acme.example", "Ana@acme.example", "ANA@acme.example"):
        attempt(client, spelling, "a wrong password")
    assert attempt(client, "aNa@acme.example", PASSWORD).status_code == 429


def test_a_failure_fewer_keeps_it_open(client: Client, ana: User, settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    for wrong in ("one wrong word", "two wrong words"):
        attempt(client, "ana@acme.example", wrong)
    attempt(client, "ana@acme.example", PASSWORD)
    assert logged_in(client)


def test_a_door_closed_to_one_is_open_to_another(client: Client, ana: User, settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 2
    for wrong in ("one wrong word", "two wrong words"):
        attempt(client, "ana@acme.example", wrong)
    member("Ben", Role.AGENT)
    attempt(client, "ben@acme.example", PASSWORD)
    assert logged_in(client)


def test_logging_out_needs_a_post(client: Client, ana: User) -> None:
    client.force_login(ana, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("agents:logout")).status_code == 405
    assert logged_in(client)
    assert client.post(reverse("agents:logout")).url == reverse("agents:login")
    assert not logged_in(client)


def change_password(client: Client, old: str, new: str) -> Any:
    data = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post(reverse("agents:password_change"), data)


def test_somebody_changes_their_password_and_stays_logged_in(client: Client, ana: User) -> None:
    client.force_login(ana, backend="django.contrib.auth.backends.ModelBackend")
    assert change_password(client, PASSWORD, "seven silver spoons").status_code == 302
    ana.refresh_from_db()
    assert ana.check_password("seven silver spoons")
    assert logged_in(client)


def test_the_other_sessions_of_somebody_who_changed_it_end(client: Client, ana: User) -> None:
    elsewhere = Client()
    for browser in (client, elsewhere):
        browser.force_login(ana, backend="django.contrib.auth.backends.ModelBackend")
    change_password(client, PASSWORD, "seven silver spoons")
    assert elsewhere.get(reverse("agents:password_change")).status_code == 302
    assert client.get(reverse("agents:password_change")).status_code == 200


@pytest.mark.parametrize(
    ("old", "new"), [("not the old one", "seven silver spoons"), (PASSWORD, "short"), (PASSWORD, "password1234")]
)
def test_a_wrong_old_or_a_weak_new_password_changes_nothing(client: Client, ana: User, old: str, new: str) -> None:
    client.force_login(ana, backend="django.contrib.auth.backends.ModelBackend")
    assert change_password(client, old, new).status_code == 200
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)


def test_the_password_page_is_for_those_who_are_logged_in(client: Client) -> None:
    answer = client.get(reverse("agents:password_change"))
    assert answer.url.startswith(reverse("agents:login"))
