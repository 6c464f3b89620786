"""A supervisor's journey: watches the queue fill, opens the conversation, reads along, moves it, sets a state."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect

from agents.models import AgentState, User
from agents.presence import Presence
from agents.roles import Role, assign
from channels_app.models import Conversation
from routing.actions.availability import do_go_on_queue, do_set_presence
from routing.actions.offers import do_accept
from routing.models import Assignment, Offer
from tests import bundles
from tests.e2e.held import Held
from tests.e2e.people import Customer, Person, open_shop
from tests.product import Product, eventually

#: what a page shows, but for the text of running times, which belongs to the browser
SHOWN = """node => {
  const copy = node.cloneNode(true);
  for (const time of copy.querySelectorAll("time")) { time.textContent = ""; time.removeAttribute("title"); }
  return copy.innerHTML.replace(/\\s+/g, " ").replace(/> </g, "><").trim();
}"""


class Supervisor(Person):
    """Somebody at the supervisors' pages, logged in."""

    def __init__(self, browser: Browser, product: Product, user: User) -> None:
        super().__init__(browser, product)
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        self.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": product.url}])
        self.page.goto(f"{product.url}/reporting/")

    def cell(self, queue: int, label: str) -> Locator:
        return self.page.locator(f"#queue-{queue} [data-l='{label}']").first

    def fresh(self) -> Page:
        """The same address, opened anew."""
        page = self.context.new_page()
        page.goto(self.page.url)
        return page

    def shows_what_a_fresh_load_shows(self, part: str) -> None:
        """But for what is drawn by the length of a time that still runs."""

        def same() -> bool:
            page = self.fresh()
            expect(page.locator("#log-loading")).to_have_count(0)
            found = [one.locator(part).evaluate(SHOWN) for one in (self.page, page)]
            page.close()
            return bool(found[0] == found[1])

        eventually(same, message="the live page differs from a fresh load")


def supervisor() -> User:
    sam = User.objects.create_user("sam@shop.example", name="Sam Example")
    assign(sam, [Role.SUPERVISOR])
    return sam


@pytest.mark.parametrize("bundled", [True, False])
def test_a_supervisor_watches_reads_along_assigns_takes_back_and_sets_a_state(
    product: Product, browser: Browser, *, bundled: bool
) -> None:
    shop = open_shop()
    ana, ben = shop.agent("Ana"), shop.agent("Ben")
    sam = Supervisor(browser, product, supervisor())
    if bundled:
        bundles.needed()
    else:
        bundles.withhold(sam.context)
        sam.page.reload()
    expect(sam.page.locator("html[data-without=idiomorph]")).to_have_count(0 if bundled else 1)
    expect(sam.cell(shop.queue.id, "Waiting")).to_have_text("0")
    jonas = Customer(browser, product, shop)
    jonas.say("My zip is broken")
    expect(sam.cell(shop.queue.id, "Waiting")).to_have_text("1")
    expect(sam.page.locator("#tile-longest")).to_contain_text("Returns")

    do_go_on_queue(ana)
    offer = eventually(lambda: Offer.objects.filter(agent=ana, state="alerting").first())
    do_accept(offer.id, ana)
    expect(sam.cell(shop.queue.id, "Interacting")).to_have_text("1")
    expect(sam.page.locator(f"#person-{ana.id}")).to_contain_text("Interacting")
    sam.shows_what_a_fresh_load_shows("#panels")

    sam.cell(shop.queue.id, "Interacting").get_by_role("link").click()
    sam.page.get_by_role("link", name=re.compile("Visitor")).click()
    sam.page.locator("#pause").evaluate("node => (window.pause = node)")
    log = sam.page.locator("#log")
    expect(log.get_by_text("My zip is broken", exact=True)).to_have_count(1)
    jonas.say("Order 48213")
    expect(log.get_by_text("Order 48213", exact=True)).to_have_count(1)
    assert Conversation.objects.get().read_seq == 0, "looking on isn't reading for the company"
    expect(sam.page.locator(".summary")).to_contain_text("2 by the customer")
    sam.shows_what_a_fresh_load_shows("#log")
    assert sam.page.locator("#pause").evaluate("node => node === window.pause"), "what is kept is kept"

    do_go_on_queue(ben)
    sam.page.locator("#do-assign").focus()
    sam.page.keyboard.press("Enter")
    sheet = sam.page.locator("#sheet")
    expect(sheet).to_contain_text("Ana Example has it now")
    sheet.get_by_role("radio", name=re.compile("Ben")).check()
    sheet.get_by_role("button", name="Assign").click()
    expect(sam.page.locator(".detail > .head")).to_contain_text("Ben Example")
    expect(sheet).to_be_hidden()
    assert Assignment.objects.get(state="connected").agent == ben

    sam.page.locator("#do-take-back").click()
    expect(sheet).to_contain_text("Ben Example loses the conversation")
    sheet.get_by_role("button", name="Take back").click()
    expect(sam.page.locator(".detail > .head")).not_to_contain_text("With an agent")
    expect(log).to_contain_text("Sam Example transferred it to Returns")

    sam.page.get_by_role("link", name="Agents").click()
    expect(sam.page.locator("#panels[data-shown]")).to_have_count(1)  # its scripts run
    sam.page.get_by_placeholder("Name").fill("ben")
    expect(sam.page.locator("tbody tr")).to_have_count(1)
    expect(sam.page).to_have_url(re.compile(r"q=ben"))
    sam.page.get_by_role("button", name=re.compile("Set state")).click()
    sheet.get_by_role("radio", name="Meeting").check()
    sheet.get_by_role("button", name="Set state").click()
    expect(sam.page.locator("tbody tr")).to_contain_text("Meeting")
    assert AgentState.objects.get(user=ben).status == "off_queue"
    for person in (sam, jonas):
        person.leave()


def test_an_agent_finds_the_supervisors_pages_closed(product: Product, browser: Browser) -> None:
    ana = open_shop().agent("Ana")
    closed = Supervisor(browser, product, ana)
    expect(closed.page.locator("body")).to_contain_text("403")
    closed.leave()


def test_a_page_that_was_asked_for_before_it_was_filtered_doesnt_replace_the_filtered_one(
    product: Product, browser: Browser
) -> None:
    open_shop().agent("Ana")
    sam = Supervisor(browser, product, supervisor())
    page = sam.page
    address = f"{product.url}/reporting/agents/"
    page.goto(address)
    expect(page.locator("#panels[data-shown]")).to_have_count(1)  # what came since the page is shown
    unfiltered = Held(page, address)
    do_set_presence(User.objects.get(email="sam@shop.example"), Presence.AVAILABLE)
    unfiltered.wait()
    page.get_by_role("searchbox").fill("Nobody of this name")
    rows = page.locator("tbody tr", has_text="Ana Example")
    expect(rows).to_have_count(0)
    unfiltered.let_go()
    assert rows.count() == 0
    sam.leave()
