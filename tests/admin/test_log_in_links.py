"""Log-in links in the admin: asked for from the list, one user's page or after an import; shown once, kept nowhere."""

from __future__ import annotations

import base64
import csv
import io
import logging
import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.db import models
from django.test import Client

from agents.models import User
from agents.roles import Role
from tests.admin.data import user_data
from tests.admin.pages import client_of, member, run, said, url
from tests.admin.sheets import USERS, apply, line, people_there, upload

pytestmark = pytest.mark.django_db

ASK = "/admin/agents/user/log-in-links/"
FILE = "email;name;is_active\nnora@acme.example;Nora;yes\npaul@acme.example;Paul;yes\nrita@acme.example;Rita;no\n"


def links(answer: Any) -> list[str]:
    """The links that a page shows, in its order."""
    return re.findall(r'<code id="link-\d+">(http://[^<]+)</code>', answer.content.decode())


def make(desk: Client, *chosen: User) -> Any:
    return run(desk, "make_log_in_links", chosen)


def opens(link: str) -> str:
    """The name of the person for whom a link is, as its page says it."""
    page = Client().get(link.removeprefix("http://127.0.0.1:8000"), follow=True)
    found = re.search(r"(\w+), you sign in with it from now on", page.content.decode())
    return found[1] if found else ""


def noted() -> list[tuple[str, str, str]]:
    return [(one.user.name, one.object_repr, one.change_message) for one in LogEntry.objects.order_by("object_repr")]


# --- from the list -------------------------------------------------------------------------------


def test_it_asks_first_and_says_what_a_link_is_worth(desk: Client, agents: list[User]) -> None:
    page = line(run(desk, "make_log_in_links", agents, confirmed=False))
    assert "Make log-in links: 3 users" in page
    assert "give it to that person alone" in page
    assert "A link works once, for 3 days." in page
    assert "A link made for them earlier ends." in page
    assert "3 of them have a password: it holds until they choose another by the link." in page
    assert noted() == []


def test_each_gets_a_link_of_their_own(desk: Client, agents: list[User], settings: Any) -> None:
    settings.BASE_URL = "http://127.0.0.1:8000"
    page = make(desk, *agents)
    assert [opens(link) for link in links(page)] == ["Ana", "Ben", "Cleo"]
    assert all(user.email in said(page) for user in agents)
    assert "They are shown only now" in said(page)
    assert "no-store" in page["Cache-Control"]


def test_they_lead_to_the_public_address(desk: Client, agents: list[User], settings: Any) -> None:
    settings.BASE_URL = "http://desk.acme.example"
    assert all(link.startswith("http://desk.acme.example/login/link/") for link in links(make(desk, *agents)))


def test_all_of_them_are_copied_or_taken_along_as_a_file(desk: Client, agents: list[User]) -> None:
    page = make(desk, *agents)
    text = page.content.decode()
    file = re.search(r'download="log-in-links.csv" href="data:text/csv;charset=utf-8;base64,([^"]+)"', text)
    assert file
    rows = list(csv.reader(io.StringIO(base64.b64decode(file[1]).decode("utf-8-sig"))))
    names, found = ("Ana", "Ben", "Cleo"), links(page)
    told = [[name, f"{name.lower()}@acme.example", link] for name, link in zip(names, found, strict=True)]
    assert rows == [["name", "email", "link"], *told]
    copied = text.partition('<span id="all"')[2].partition(">")[2].partition("</span>")[0]
    assert copied.split("\n") == ["\t".join(row) for row in told]


def test_a_name_that_a_spreadsheet_would_run_is_guarded_and_one_with_tags_is_text(desk: Client) -> None:
    mallory = member("Mallory", Role.AGENT)
    User.objects.filter(pk=mallory.pk).update(name='=HYPERLINK("x")<b>')
    text = make(desk, mallory).content.decode()
    assert "<b>" not in text.partition('class="link-row"')[2]
    file = base64.b64decode(text.partition("base64,")[2].partition('"')[0]).decode("utf-8-sig")
    assert "'=HYPERLINK" in file


def test_who_is_switched_off_is_left_out_with_a_sentence(desk: Client, agents: list[User]) -> None:
    User.objects.filter(pk=agents[1].pk).update(is_active=False)
    sentence = "Left out, because they are switched off: Ben. Switch them on first."
    assert sentence in line(run(desk, "make_log_in_links", agents, confirmed=False))
    page = make(desk, *agents)
    assert len(links(page)) == 2
    assert sentence in line(page)
    assert [what for _who, what, _message in noted()] == ["Ana", "Cleo"]


def test_when_all_are_off_it_says_so_and_notes_nothing(desk: Client, agents: list[User]) -> None:
    User.objects.filter(pk=agents[0].pk).update(is_active=False)
    page = make(desk, agents[0])
    assert "All of them are switched off, so they get no links." in said(page)
    assert (links(page), noted()) == ([], [])


# --- who may -------------------------------------------------------------------------------------


def test_an_admin_makes_none_for_a_superuser(desk: Client, agents: list[User]) -> None:
    root = User.objects.create_superuser("root@acme.example", "seven silver spoons", name="Root")
    for page in (make(desk, *agents, root), desk.get(ASK, {"user": root.pk}, follow=True)):
        assert "Only a superuser changes the account of: Root" in said(page)
        assert links(page) == []
    answer = desk.post(f"{ASK}?user={root.pk}", {"confirmed": 1}, follow=True)
    assert (links(answer), noted()) == ([], [])
    button = f"/admin/agents/user/{root.pk}/log-in-link/"
    assert desk.get(button).status_code == 403


def test_a_superuser_makes_one_for_a_superuser(agents: list[User]) -> None:
    root, rita = (
        User.objects.create_superuser(f"{name}@acme.example", "seven silver spoons", name=name)
        for name in ("Root", "Rita")
    )
    assert len(links(make(client_of(root), rita))) == 1


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_who_may_not_change_users_is_not_let_in(agents: list[User], role: Role) -> None:
    sam = client_of(member("Sam", role))
    for answer in (sam.get(f"{ASK}?user={agents[0].pk}"), sam.post(f"{ASK}?user={agents[0].pk}", {"confirmed": 1})):
        assert answer.status_code == 302
        assert answer.url.startswith("/admin/login/")


def test_who_may_only_look_at_users_is_offered_nothing(agents: list[User]) -> None:
    looker = member("Lou", Role.AGENT)
    Group.objects.get(name="agent").permissions.add(*_permission("view_user"))
    User.objects.filter(pk=looker.pk).update(is_staff=True)
    client = client_of(looker)
    assert "make_log_in_links" not in client.get(url("agents_user", "changelist")).content.decode()
    assert links(make(client, *agents)) == []
    assert client.get(f"{ASK}?user={agents[0].pk}").status_code == 403
    assert noted() == []


def _permission(codename: str) -> Any:
    return Permission.objects.filter(codename=codename)


# --- what is kept --------------------------------------------------------------------------------


def test_the_log_says_for_whom_and_by_whom_but_never_the_link(desk: Client, agents: list[User]) -> None:
    make(desk, *agents)
    assert [(who, what) for who, what, _message in noted()] == [("Olga", "Ana"), ("Olga", "Ben"), ("Olga", "Cleo")]
    history = line(desk.get(url("agents_user", "history", agents[0].pk)))
    assert "Log-in link: Made" in history
    assert "Anmeldelink: Erstellt" in line(
        desk.get(url("agents_user", "history", agents[0].pk), headers={"Accept-Language": "de"})
    )


def test_no_table_session_or_log_holds_a_link(
    desk: Client, agents: list[User], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        tokens = [link.split("/")[-2] for link in links(make(desk, *agents))]
    assert len(tokens) == 3
    stored = " ".join(_everything())
    assert "Olga" in stored
    kept = [token for token in tokens if token in stored or token in caplog.text]
    kept += [token for token in tokens if token in str(dict(desk.session.items()))]
    assert kept == []


def _everything() -> list[str]:
    """All values of all rows."""
    tables: list[type[models.Model]] = [model for model in apps.get_models() if model._meta.managed]
    return [str(row) for model in tables for row in model._base_manager.values_list()]


# --- one user's page -----------------------------------------------------------------------------


def test_one_user_s_page_has_a_button_that_asks_too(desk: Client, agents: list[User]) -> None:
    page = desk.get(url("agents_user", "change", agents[0].pk))
    button = re.search(r'href="([^"]+/log-in-link)/?"', page.content.decode())
    assert button
    asked = desk.get(button[1] + "/", follow=True)
    assert "Make log-in links: 1 user" in line(asked)
    assert 'href="/admin/agents/user/"' in asked.content.decode()
    made = desk.post(asked.redirect_chain[-1][0], {"confirmed": 1})
    assert len(links(made)) == 1
    assert [what for _who, what, _message in noted()] == ["Ana"]


# --- adding somebody without a password ----------------------------------------------------------


def test_who_is_added_without_a_password_gets_a_link_next(desk: Client) -> None:
    asked = desk.post(url("agents_user", "add"), user_data(password="", _save="Save"), follow=True)
    assert "Make log-in links: 1 user" in line(asked)
    ana = User.objects.get(name="Ana Ruiz")
    assert not ana.has_usable_password()
    made = desk.post(asked.redirect_chain[-1][0], {"confirmed": 1})
    assert [opens(link) for link in links(made)] == ["Ruiz"]


def test_who_is_added_with_a_password_needs_none(desk: Client) -> None:
    done = desk.post(url("agents_user", "add"), user_data(_save="Save"), follow=True)
    assert done.redirect_chain[-1][0] == url("agents_user", "changelist")
    assert "log-in link for" not in said(done)


@pytest.mark.parametrize(("button", "place"), [("_addanother", "/add/"), ("_continue", "/change/")])
def test_where_the_admin_goes_on_elsewhere_the_link_is_offered(desk: Client, button: str, place: str) -> None:
    done = desk.post(url("agents_user", "add"), user_data(password="", **{button: "1"}), follow=True)
    assert done.redirect_chain[-1][0].endswith(place)
    assert "1 new user has no password, so they can't log in yet." in said(done)
    assert f"{ASK}?user={User.objects.get(name='Ana Ruiz').pk}" in done.content.decode()


def test_the_page_of_a_user_says_when_the_last_link_was_made(desk: Client, agents: list[User]) -> None:
    page = url("agents_user", "change", agents[0].pk)
    assert "Last log-in link made - Added" in line(desk.get(page))
    make(desk, agents[0])
    assert re.search(r"Last log-in link made \d+ \w{3} \d{4}, \d\d:\d\d Added", line(desk.get(page)))


@pytest.mark.parametrize(
    "query",
    ["user=01a00000-0000-7000-8000-000000000000", "user=x", "added=2026-01-01", "added=", "added=2026-99-99T1", ""],
)
def test_an_address_that_names_nobody_leads_to_the_list(desk: Client, query: str) -> None:
    answer = desk.get(f"{ASK}?{query}", follow=True)
    assert answer.redirect_chain[-1][0] == url("agents_user", "changelist")
    assert "None of them needs a log-in link any more." in said(answer)


# --- after an import -----------------------------------------------------------------------------


def offer(page: Any) -> str:
    found = re.search(r'href="([^"]+log-in-links/\?added=[^"]+)"', page.content.decode())
    return found[1].replace("&amp;", "&") if found else ""


def test_an_import_offers_links_for_the_new_users(desk: Client, agents: list[User]) -> None:
    people_there()
    done = apply(desk, USERS, upload(desk, USERS, FILE + "ana@acme.example;Ana Ruiz;yes\n"))
    assert "2 new users have no password, so they can't log in yet." in said(done)
    assert "Make log-in links for the 2 new users" in said(done)
    asked = desk.get(offer(done))
    assert "Make log-in links: 2 users" in line(asked)
    assert "Nora, Paul" in line(asked)
    made = desk.post(offer(done), {"confirmed": 2})
    assert len(links(made)) == 2
    assert all(email in said(made) for email in ("nora@acme.example", "paul@acme.example"))


def test_an_import_that_made_nobody_who_could_log_in_offers_nothing(desk: Client, agents: list[User]) -> None:
    people_there()
    for text in ("email;name\nana@acme.example;Ana Ruiz\n", "email;name;is_active\nrita@acme.example;Rita;no\n"):
        done = apply(desk, USERS, upload(desk, USERS, text))
        assert "1 line applied." in said(done)
        assert offer(done) == ""


def test_who_chose_a_password_meanwhile_is_not_asked_about_again(desk: Client) -> None:
    people_there()
    address = offer(apply(desk, USERS, upload(desk, USERS, FILE)))
    nora = User.objects.get(name="Nora")
    nora.set_password("seven silver spoons")
    nora.save()
    assert "Make log-in links: 1 user" in line(desk.get(address))
    changed = desk.post(address, {"confirmed": 2})
    assert "The selection has changed meanwhile." in said(changed)
    assert links(changed) == []


def test_one_admin_s_offer_is_no_one_else_s(desk: Client) -> None:
    people_there()
    address = offer(apply(desk, USERS, upload(desk, USERS, FILE)))
    petra = client_of(member("Petra", Role.ADMIN))
    assert "None of them needs a log-in link any more." in said(petra.get(address, follow=True))


def test_an_import_of_skills_says_nothing_of_links(desk: Client) -> None:
    done = apply(desk, "agents_skill", upload(desk, "agents_skill", "name\nGerman\n"))
    assert "1 line applied." in said(done)
    assert "log-in link" not in said(done)


def test_many_new_users_are_more_than_a_form_has_fields(desk: Client) -> None:
    people_there()
    text = "email;name\n" + "".join(f"agent{n}@acme.example;Agent {n}\n" for n in range(1100))
    address = offer(apply(desk, USERS, upload(desk, USERS, text)))
    assert "Make log-in links: 1100 users" in line(desk.get(address))
    assert len(links(desk.post(address, {"confirmed": 1100}))) == 1100


@pytest.mark.parametrize(
    ("hours", "sentence"), [(72, "for 3 days."), (24, "for 1 day."), (36, "for 36 hours."), (1, "for 1 hour.")]
)
def test_the_page_says_how_long_links_live(
    desk: Client, agents: list[User], settings: Any, hours: int, sentence: str
) -> None:
    settings.PASSWORD_RESET_TIMEOUT = hours * 3600
    assert f"A link works once, {sentence}" in line(run(desk, "make_log_in_links", agents, confirmed=False))
