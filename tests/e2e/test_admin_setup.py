"""From an empty database: an admin who has never seen the code sets everything up, in Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from agents.models import AgentLoad, Skill, User, UserSkill, Utilization
from agents.roles import Role, roles_of
from channels_app.messenger.models import Deployment
from channels_app.models import Channel
from routing.models import InboundRoute, Queue, QueueMember

pytestmark = pytest.mark.usefixtures("transactional_db")

ADMIN, PASSWORD = "olga@acme.example", "seven silver spoons"


@pytest.fixture(autouse=True)
def plain_addresses(settings: Any) -> None:
    """The test's server takes the place of ours for static files, and knows no versions in their addresses."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def problems() -> list[str]:
    """What the browser complained about: scripts, policies, missing files."""
    return []


@pytest.fixture
def page(browser: Browser, problems: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    tab = context.new_page()
    tab.set_default_timeout(10_000)
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    yield tab
    if shots := os.environ.get("CC_SHOTS"):
        tab.screenshot(path=Path(shots) / "last.png", full_page=True)
    context.close()


@pytest.fixture
def olga(transactional_db: None) -> User:
    return User.objects.create_superuser(ADMIN, PASSWORD, name="Olga Osei")


def log_in(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/")
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="What is still missing")).to_be_visible()


def follow(page: Page, step: str) -> None:
    """From the start page to the form that the step offers."""
    page.locator("#nav-sidebar-apps").get_by_role("link", name="Start").click()
    page.get_by_role("link", name=step, exact=True).click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("successfully").first).to_be_visible()


def add_row(page: Page, prefix: str) -> str:
    """One more row in an inline table; gives what the ids of its fields begin with."""
    number = page.locator(f"#id_{prefix}-TOTAL_FORMS").input_value()
    page.locator(f"#{prefix}-group").get_by_role("link", name="Add another").click()
    return f"#id_{prefix}-{number}"


def pick(page: Page, field: str, text: str) -> None:
    """Choose in a field that looks up what is typed."""
    page.locator(f"{field} + .select2 .select2-selection").click()
    page.locator(".select2-search__field").fill(text)
    page.locator(".select2-results__option", has_text=text).first.click()


def add_skill(page: Page, name: str, kind: str) -> None:
    page.locator("#id_name").fill(name)
    page.get_by_label("Kind").select_option(kind)
    save(page)


def add_queue(page: Page) -> None:
    follow(page, "Add a queue")
    page.locator("#id_name").fill("Returns")
    page.get_by_label("Alert time").fill("5 s")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Too short: at least 7 s.")).to_be_visible()
    page.get_by_label("Alert time").fill("45 s")
    save(page)
    expect(page.get_by_text("Nobody serves “Returns” yet.")).to_be_visible()


def add_agent(page: Page) -> None:
    follow(page, "Add an agent")
    page.locator("#id_email").fill("Ana@Acme.example")
    page.locator("#id_name").fill("Ana Ruiz")
    page.locator("#id_password").fill("green garden gate")
    expect(page.get_by_label("Agent: answers customers")).to_be_checked()
    row = add_row(page, "user_skills")
    pick(page, f"{row}-skill", "German")
    page.locator(f"{row}-proficiency").fill("4.5")
    pick(page, f"{add_row(page, 'memberships')}-queue", "Returns")
    row = add_row(page, "utilizations")
    page.locator(f"{row}-medium").select_option("message")
    page.locator(f"{row}-limit").fill("6")
    save(page)


def add_channel(page: Page) -> None:
    follow(page, "Add a channel")
    page.locator("#id_name").fill("Shop")
    expect(page.get_by_label("Verify token")).to_be_hidden()
    row = add_row(page, "deployments")
    page.locator(f"{row}-name").fill("Shop front")
    page.locator(f"{row}-allowed_domains").fill("https://shop.example/")
    page.locator(f"{row}-company_name").fill("Acme")
    page.locator(f"{row}-greeting").fill("How can we help?")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Line 1: write only the host of")).to_be_visible()
    page.locator(f"{row}-allowed_domains").fill("shop.example")
    save(page)


def add_route(page: Page) -> None:
    follow(page, "Add a route")
    page.get_by_label("Channel").select_option(label="Shop")
    page.get_by_label("Queue").select_option(label="Returns")
    row = add_row(page, "needs")
    page.locator(f"{row}-skill").select_option(label="German")
    page.locator(f"{row}-minimum").fill("3")
    save(page)


def test_an_admin_sets_everything_up_from_an_empty_database(
    page: Page, live_server: Any, olga: User, problems: list[str]
) -> None:
    log_in(page, live_server.url)
    follow(page, "Add a skill")
    add_skill(page, "German", "language")
    add_queue(page)
    add_agent(page)
    add_channel(page)
    add_route(page)
    page.locator("#nav-sidebar-apps").get_by_role("link", name="Start").click()
    expect(page.get_by_role("heading", name="The set-up is complete")).to_be_visible()
    assert problems == []
    the_database_holds_it()


def the_database_holds_it() -> None:
    ana = User.objects.get(email="ana@acme.example")
    german, returns = Skill.objects.get(name="German", kind="language"), Queue.objects.get(name="Returns")
    assert ana.check_password("green garden gate")
    assert roles_of(ana) == [Role.AGENT]
    assert not ana.is_staff
    assert UserSkill.objects.get(user=ana, skill=german).proficiency * 10 == 45
    assert QueueMember.objects.filter(user=ana, queue=returns, active=True).count() == 1
    assert Utilization.objects.get(user=ana).limit == 6
    assert dict(AgentLoad.objects.filter(user=ana).values_list("medium", "limit")) == {"message": 6, "email": 1}
    assert returns.alert_timeout.total_seconds() == 45
    channel = Channel.objects.get(name="Shop", kind="webmessaging")
    deployment = Deployment.objects.get(channel=channel, name="Shop front")
    assert deployment.allowed_domains == ["shop.example"]
    assert deployment.published is not None
    assert deployment.published.content["greeting"] == "How can we help?"
    route = InboundRoute.objects.get(channel=channel, queue=returns)
    assert [(need.skill, int(need.minimum)) for need in route.needs.all()] == [(german, 3)]


def test_the_start_page_says_what_is_missing_while_it_is(page: Page, live_server: Any, olga: User) -> None:
    Queue.objects.create(name="Returns")
    log_in(page, live_server.url)
    expect(page.get_by_text("0 of 5").or_(page.get_by_text("1 of 5"))).to_be_visible()
    expect(page.get_by_role("link", name="Add a queue", exact=True)).to_have_count(0)
    expect(page.get_by_role("link", name="Add an agent", exact=True)).to_be_visible()
