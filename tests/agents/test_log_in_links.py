"""What a log-in link leads to: a password of one's own, once; and what it says when it doesn't."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from agents import roles, views
from agents.actions.log_in_links import TOKENS, NobodyActive, do_make_log_in_links
from agents.models import User
from agents.roles import Role
from contactcenter.kernel import clock
from contactcenter.kernel.db import Tx
from contactcenter.kernel.errors import NotAllowed, Refused

pytestmark = pytest.mark.django_db

CHOSEN, OTHER = "seven silver spoons", "nine narrow needles"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def member(name: str, *given: Role) -> User:
    """Somebody without a password."""
    user = User.objects.create_user(f"{name.lower()}@acme.example", name=name)
    roles.assign(user, given)
    return user


@pytest.fixture(autouse=True)
def no_tries_yet() -> None:
    cache.clear()


@pytest.fixture
def ana() -> User:
    return member("Ana", Role.AGENT)


@pytest.fixture
def olga() -> User:
    return member("Olga", Role.ADMIN)


def links_by(admin: User, users: Sequence[User]) -> list[str]:
    made = do_make_log_in_links.within(Tx(clock.now()), admin, [user.pk for user in users])
    return [reverse("agents:log_in_link", args=[one.uid, one.token]) for one in made.links]


def link_of(user: User) -> str:
    user.refresh_from_db()
    return links_by(User(is_superuser=True, is_active=True, pk=user.pk), [user])[0]


def hidden(link: str) -> str:
    """The address that a link leads on to."""
    return link.rsplit("/", 2)[0] + "/set-password/"


def choose(client: Client, link: str, password: str = CHOSEN, again: str = "") -> Any:
    return client.post(hidden(link), {"new_password1": password, "new_password2": again or password})


def who(client: Client) -> str:
    """Who is logged in."""
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key).name if key else ""


def refuses(answer: Any) -> bool:
    text = answer.content.decode()
    return answer.status_code == 404 and "This link doesn’t work" in text and "Ask your administrator" in text


# --- choosing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ([Role.AGENT], "/desk/"),
        ([Role.SUPERVISOR], "/reporting/"),
        ([Role.ADMIN], "/admin/"),
        ([Role.ADMIN, Role.AGENT], "/desk/"),
    ],
)
def test_somebody_chooses_a_password_and_is_where_they_work(client: Client, given: list[Role], place: str) -> None:
    ana = member("Ana", *given)
    link = link_of(ana)
    assert "Ana, you sign in with it" in client.get(link, follow=True).content.decode()
    answer = choose(client, link)
    assert (answer.status_code, who(client)) == (302, "Ana")
    assert answer.url == place or client.get(answer.url).headers["Location"].startswith(place)
    ana.refresh_from_db()
    assert ana.check_password(CHOSEN)


def test_the_password_works_at_the_log_in_page_afterwards(client: Client, ana: User) -> None:
    link = link_of(ana)
    client.get(link)
    choose(client, link)
    elsewhere = Client()
    elsewhere.post(reverse("agents:login"), {"username": ana.email, "password": CHOSEN})
    assert who(elsewhere) == "Ana"


def test_only_looking_at_the_link_uses_nothing_up(client: Client, ana: User) -> None:
    link = link_of(ana)
    for browser in (client, Client(), Client()):
        assert browser.get(link, follow=True).status_code == 200
    choose(client, link)
    assert who(client) == "Ana"


@pytest.mark.parametrize(
    ("language", "password", "again", "sentence"),
    [
        ("en", "short", "", "This password is too short. It must contain at least 10 characters."),
        ("de", "short", "", "Dieses Passwort ist zu kurz. Es muss mindestens 10 Zeichen enthalten."),
        ("en", "password1234", "", "This password is too common."),
        ("de", "password1234", "", "Dieses Passwort ist zu üblich."),
        ("en", CHOSEN, OTHER, "The two password fields didn’t match."),
        ("de", CHOSEN, OTHER, "Die beiden Passwörter sind nicht identisch."),
        ("de", "", "", "Dieses Feld ist zwingend erforderlich."),
    ],
)
def test_a_password_that_does_not_do_is_refused_beside_its_field(
    client: Client, ana: User, language: str, password: str, again: str, sentence: str
) -> None:
    link = link_of(ana)
    client.get(link)
    data = {"new_password1": password, "new_password2": again or password}
    text = client.post(hidden(link), data, headers={"Accept-Language": language}).content.decode()
    field = "new_password2" if again else "new_password1"
    beside = text.partition(f'id="{field}-error"')[2].partition("</div>")[0]
    assert sentence in beside
    assert f'aria-describedby="{field}-error"' in text
    ana.refresh_from_db()
    assert not ana.has_usable_password()
    assert who(client) == ""


def test_after_a_refused_password_a_better_one_does(client: Client, ana: User) -> None:
    link = link_of(ana)
    client.get(link)
    choose(client, link, "short")
    choose(client, link)
    assert who(client) == "Ana"


# --- links that don't work -----------------------------------------------------------------------


def test_a_used_link_is_refused_and_changes_nothing(client: Client, ana: User) -> None:
    link = link_of(ana)
    client.get(link)
    choose(client, link)
    thief = Client()
    assert refuses(thief.get(link, follow=True))
    assert refuses(choose(thief, link, OTHER))
    ana.refresh_from_db()
    assert ana.check_password(CHOSEN)
    assert who(thief) == ""


@pytest.mark.parametrize(("hours", "works"), [(71, True), (73, False)])
def test_it_works_for_three_days(client: Client, ana: User, hours: int, works: bool) -> None:
    link = link_of(ana)
    with clock.at(clock.now() + timedelta(hours=hours)):
        assert refuses(client.get(link, follow=True)) is not works


def test_how_long_is_a_setting(client: Client, ana: User, settings: Any) -> None:
    settings.PASSWORD_RESET_TIMEOUT = 3600
    link = link_of(ana)
    with clock.at(clock.now() + timedelta(hours=2)):
        assert refuses(client.get(link, follow=True))


def test_an_opened_form_ends_with_its_link(client: Client, ana: User) -> None:
    link = link_of(ana)
    client.get(link)
    with clock.at(clock.now() + timedelta(days=4)):
        assert refuses(choose(client, link))


@pytest.mark.parametrize("forge", [lambda link: link[:-3] + "0/", lambda link: link.replace("-", ""), hidden])
def test_a_forged_link_is_refused(client: Client, ana: User, forge: Any) -> None:
    assert refuses(client.get(forge(link_of(ana)), follow=True))


def test_a_link_for_nobody_is_refused(client: Client) -> None:
    for uid in ("bm9ib2R5", "%00", "0" * 500):
        assert refuses(client.get(f"/login/link/{uid}/abc-def/", follow=True))


def test_the_token_of_one_is_not_the_token_of_another(client: Client, ana: User) -> None:
    ben = member("Ben", Role.AGENT)
    token = link_of(ana).split("/")[-2]
    theirs = link_of(ben).rsplit("/", 2)[0]
    assert refuses(client.get(f"{theirs}/{token}/", follow=True))
    client.get(link_of(ana))
    assert refuses(client.get(f"{theirs}/set-password/"))


def test_a_log_in_a_new_password_or_a_new_address_ends_it(client: Client, ana: User) -> None:
    for change in ({"last_login": clock.now()}, {"password": "other"}, {"email": "ana@new.example"}):
        link = link_of(ana)
        User.objects.filter(pk=ana.pk).update(**change)
        assert refuses(Client().get(link, follow=True)), change


def test_a_newer_link_ends_an_older_one_also_where_its_form_is_open(client: Client, ana: User) -> None:
    older = link_of(ana)
    client.get(older)
    newer = link_of(ana)
    assert refuses(choose(client, older))
    assert refuses(Client().get(older, follow=True))
    client.get(newer)
    choose(client, newer)
    assert who(client) == "Ana"


def test_a_link_for_one_leaves_the_link_of_another_alone(client: Client, ana: User) -> None:
    link = link_of(ana)
    link_of(member("Ben", Role.AGENT))
    assert not refuses(client.get(link, follow=True))


def test_somebody_switched_off_has_no_use_for_it_even_when_the_form_is_open(client: Client, ana: User) -> None:
    link = link_of(ana)
    client.get(link)
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert refuses(client.get(link, follow=True))
    assert refuses(choose(client, link))
    assert who(client) == ""


def test_who_became_a_superuser_is_not_reached_by_an_older_link(client: Client, ana: User) -> None:
    link = link_of(ana)
    User.objects.filter(pk=ana.pk).update(is_superuser=True)
    assert refuses(client.get(link, follow=True))


def test_django_s_own_tokens_are_no_links(ana: User) -> None:
    assert not TOKENS.check_token(ana, default_token_generator.make_token(ana))
    assert TOKENS.check_token(ana, TOKENS.make_token(ana))


# --- where it doesn't show -----------------------------------------------------------------------


def test_the_token_is_neither_in_the_address_nor_on_the_page_and_nothing_is_cached(client: Client, ana: User) -> None:
    link = link_of(ana)
    token = link.split("/")[-2]
    first = client.get(link)
    assert (first.status_code, first.url) == (302, hidden(link))
    page = client.get(first.url)
    assert token not in page.content.decode()
    for answer in (first, page):
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "same-origin"


def test_no_log_has_the_token_of_a_link_that_is_refused(
    client: Client, ana: User, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = link_of(ana)
    monkeypatch.setattr(views, "LINK_REQUESTS", 1)
    with caplog.at_level(logging.DEBUG):
        assert refuses(client.get(hidden(link)))
        assert client.get(link, follow=True).status_code == 429
        monkeypatch.undo()
        assert refuses(client.get(link.replace("-", "-0"), follow=True))
    assert "set-password" in caplog.text
    assert link.split("/")[-2] not in caplog.text
    assert link.split("/")[-2].replace("-", "-0") not in caplog.text


# --- several tabs, several people, many tries ----------------------------------------------------


def test_two_tabs_of_one_link_the_second_is_told_and_stays_logged_in(ana: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    link = link_of(ana)
    pages = [browser.get(link, follow=True) for _tab in range(2)]
    first, second = (page.context["csrf_token"] for page in pages)
    data = {"new_password1": CHOSEN, "new_password2": CHOSEN}
    assert browser.post(hidden(link), {**data, "csrfmiddlewaretoken": str(first)}).status_code == 302
    late = browser.post(hidden(link), {**data, "csrfmiddlewaretoken": str(second)})
    assert refuses(late)
    assert "You are signed in here as Ana." in late.content.decode()
    assert who(browser) == "Ana"


def test_a_form_from_elsewhere_chooses_no_password(ana: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    link = link_of(ana)
    browser.get(link)
    assert choose(browser, link).status_code == 403
    ana.refresh_from_db()
    assert not ana.has_usable_password()


def test_who_is_logged_in_as_somebody_else_is_told_and_changes_over(client: Client, ana: User, olga: User) -> None:
    client.force_login(olga, backend=BACKEND)
    link = link_of(ana)
    assert "You are signed in here as Olga. This link is for Ana" in client.get(link, follow=True).content.decode()
    assert who(client) == "Olga"
    choose(client, link)
    assert who(client) == "Ana"


def test_who_is_logged_in_as_oneself_or_not_at_all_is_told_nothing(client: Client, ana: User) -> None:
    assert "signed in here as" not in client.get(link_of(ana), follow=True).content.decode()
    client.force_login(ana, backend=BACKEND)
    assert "signed in here as" not in client.get(link_of(ana), follow=True).content.decode()


def test_too_many_tries_wait_and_the_link_is_not_used_up(
    client: Client, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "LINK_REQUESTS", 4)
    link = link_of(ana)
    client.get(link, follow=True)
    for _try in range(2):
        assert choose(client, link, "short").status_code == 200
    answer = choose(client, link)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 600
    assert "It isn’t used up." in answer.content.decode()
    with clock.at(clock.now() + timedelta(minutes=11)):
        choose(client, link)
    assert who(client) == "Ana"


def test_tries_at_one_account_leave_others_alone(client: Client, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "LINK_REQUESTS", 2)
    for _try in range(2):
        client.get("/login/link/nobody/abc-def/", follow=True)
    assert client.get("/login/link/nobody/abc-def/", follow=True).status_code == 429
    assert client.get(link_of(ana), follow=True).status_code == 200


# --- making them ---------------------------------------------------------------------------------


def test_an_admin_makes_links_for_the_active(ana: User, olga: User) -> None:
    ben = member("Ben", Role.AGENT)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    made = do_make_log_in_links.within(Tx(clock.now()), olga, [ana.pk, ben.pk])
    assert ([one.user for one in made.links], list(made.left_out)) == ([ana], [ben])


def test_for_those_who_are_all_switched_off_none_is_made(ana: User, olga: User) -> None:
    User.objects.filter(pk=ana.pk).update(is_active=False)
    with pytest.raises(NobodyActive):
        links_by(olga, [ana])


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_who_may_not_change_users_makes_none(ana: User, role: Role) -> None:
    with pytest.raises(NotAllowed):
        links_by(member("Sam", role), [ana])


def test_an_admin_makes_none_for_a_superuser_but_a_superuser_does(olga: User) -> None:
    root, other = (
        User.objects.create_superuser(f"{name}@acme.example", CHOSEN, name=name) for name in ("Root", "Rita")
    )
    with pytest.raises(Refused, match="Only a superuser changes the account of: Root"):
        links_by(olga, [olga, root])
    assert len(links_by(other, [root])) == 1


def test_the_log_in_page_says_whom_to_ask(client: Client) -> None:
    text = client.get(reverse("agents:login")).content.decode()
    assert "Forgot your password? Ask an administrator for a log-in link." in text
