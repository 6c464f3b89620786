"""From a file of new people to an agent at the desk, in Chromium: import, log-in links, a password of one's own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from agents.roles import Role
from tests.admin.pages import client_of, member
from tests.e2e.messenger import looks_right
from tests.e2e.people import Person
from tests.product import Product

PASSWORD = "seven silver spoons"
FILE = "email;name;roles;is_active\nnora@acme.example;Nora Neumann;agent;yes\npaul@acme.example;Paul Pelz;agent;yes\n"


@pytest.fixture
def olga(product: Product, browser: Browser) -> Iterator[Page]:
    """An admin's browser, in which nothing may go wrong."""
    person = Person(browser, product)
    cookie = client_of(member("Olga", Role.ADMIN)).cookies[settings.SESSION_COOKIE_NAME].value
    person.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": product.url}])
    person.context.grant_permissions(["clipboard-read", "clipboard-write"])
    person.page.goto(f"{product.url}/admin/agents/user/")
    yield person.page
    person.leave()


@pytest.fixture
def nora(product: Product, browser: Browser) -> Iterator[Page]:
    """A new agent's browser."""
    person = Person(browser, product)
    yield person.page
    person.leave()


def import_them(page: Page) -> None:
    page.get_by_role("link", name="Import").click()
    file = {"name": "agents.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    page.set_input_files("input[type=file]", [file])  # type: ignore[list-item]
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Apply 2 lines").click()
    expect(page.get_by_text("2 new users have no password, so they can't log in yet.")).to_be_visible()


def make_links(page: Page) -> dict[str, str]:
    """By name, as the page shows them."""
    looks_right(page, "the offer after an import")
    page.get_by_role("link", name="Make log-in links for the 2 new users").click()
    expect(page.get_by_role("heading", name="Make log-in links: 2 users")).to_be_visible()
    looks_right(page, "asking")
    page.get_by_role("button", name="Make log-in links").click()
    expect(page.get_by_role("heading", name="2 log-in links")).to_be_visible()
    looks_right(page, "the links")
    names = page.locator(".link-row strong").all_inner_texts()
    return dict(zip(names, page.locator(".link-row code").all_inner_texts(), strict=True))


def copied(page: Page, button: str, number: int = 0) -> str:
    page.get_by_role("button", name=button, exact=True).nth(number).click()
    expect(page.get_by_role("button", name="Copied")).to_have_count(1)
    return str(page.evaluate("navigator.clipboard.readText()"))


def downloaded(page: Page) -> list[list[str]]:
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename == "log-in-links.csv"
    return list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))


def choose(page: Page, password: str, again: str = "") -> None:
    page.get_by_label("New password", exact=True).fill(password)
    page.get_by_label("New password confirmation").fill(again or password)
    page.get_by_role("button", name="Choose it and sign in").click()


def log_in_elsewhere(browser: Browser, product: Product) -> None:
    """With the password, at the log-in page, as on every other day."""
    person = Person(browser, product)
    person.page.goto(product.url)
    person.page.get_by_label("E-mail").fill("nora@acme.example")
    person.page.get_by_label("Password").fill(PASSWORD)
    person.page.get_by_role("button", name="Sign in").click()
    expect(person.page.get_by_role("button", name=re.compile("Go on queue", re.IGNORECASE))).to_be_visible()
    person.leave()


def test_a_new_agent_comes_from_a_file_to_the_desk(olga: Page, nora: Page, browser: Browser, product: Product) -> None:
    import_them(olga)
    links = make_links(olga)
    assert copied(olga, "Copy", 1) == links["Paul Pelz"]
    assert copied(olga, "Copied") == links["Paul Pelz"], "twice"
    told = [["Nora Neumann", "nora@acme.example"], ["Paul Pelz", "paul@acme.example"]]
    rows = [[*one, links[one[0]]] for one in told]
    assert copied(olga, "Copy all") == "\n".join("\t".join(row) for row in rows)
    expect(olga.get_by_role("button", name="Copied")).to_have_count(0)
    expect(olga.get_by_role("button", name="Copy", exact=True)).to_have_count(2)
    assert downloaded(olga) == [["name", "email", "link"], *rows]

    nora.goto(links["Nora Neumann"])
    assert links["Nora Neumann"].split("/")[-2] not in nora.url
    looks_right(nora, "choosing a password")
    choose(nora, "short")
    expect(nora.get_by_text("This password is too short. It must contain at least 10 characters.")).to_be_visible()
    looks_right(nora, "a short password")
    choose(nora, PASSWORD)
    expect(nora.get_by_role("button", name=re.compile("Go on queue", re.IGNORECASE))).to_be_visible()
    log_in_elsewhere(browser, product)


def test_a_used_link_is_refused_in_another_browser_and_in_the_same(
    olga: Page, nora: Page, browser: Browser, product: Product
) -> None:
    import_them(olga)
    link = make_links(olga)["Nora Neumann"]
    nora.goto(link)
    second = nora.context.new_page()
    second.goto(link)
    choose(nora, PASSWORD)
    expect(nora.get_by_role("button", name=re.compile("Go on queue", re.IGNORECASE))).to_be_visible()
    choose(second, "nine narrow needles")
    expect(second.get_by_role("heading", name="This link doesn’t work")).to_be_visible()
    expect(second.get_by_text("You are signed in here as Nora Neumann.")).to_be_visible()
    looks_right(second, "refused to who is signed in")
    thief = Person(browser, product)
    thief.page.goto(link)
    expect(thief.page.get_by_role("heading", name="This link doesn’t work")).to_be_visible()
    looks_right(thief.page, "refused")
    thief.page.get_by_role("link", name="Back to sign-in").click()
    expect(thief.page.get_by_text("Forgot your password? Ask an administrator for a log-in link.")).to_be_visible()
    looks_right(thief.page, "signing in")
    thief.leave()


def test_an_admin_who_opens_a_link_is_warned_and_stays(olga: Page) -> None:
    import_them(olga)
    olga.goto(make_links(olga)["Paul Pelz"])
    expect(olga.get_by_role("alert")).to_contain_text("You are signed in here as Olga. This link is for Paul Pelz")
    looks_right(olga, "signed in as somebody else")
    olga.goto(re.sub(r"/login/link/.*", "/admin/agents/user/", olga.url))
    expect(olga.get_by_role("row", name="Paul Pelz")).to_be_visible()
