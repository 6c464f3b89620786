"""Lists of no, one and five hundred rows, with the longest German texts: axe is content, and nothing sticks out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from agents.models import User
from agents.roles import Role, assign
from channels_app.actions.inbound import do_receive
from channels_app.adapters.values import InboundMessage, Sender
from routing.models import Queue, QueueMember, RoutingPass
from tests.e2e.messenger import check_axe
from tests.e2e.people import Agent, Shop, open_shop
from tests.e2e.test_supervisor import Supervisor
from tests.product import Product, eventually

MANY = 500
LONG_QUEUE = "Rücksendungen, Garantie und Ersatzteilbestellungen für Geschäftskunden"
LONG_NAME = "Maximiliane Donaudampfschifffahrtsgesellschaftskapitänswitwe von Hohenzollern-Sigmaringen"
LONG_TEXT = "Bezüglich der Rindfleischetikettierungsüberwachungsaufgabenübertragung warte ich seit gestern. " * 3
LOOKS = ((1440, "light"), (390, "dark"))


@pytest.fixture
def shop(product: Product) -> Shop:
    made = open_shop()
    Queue.objects.filter(id=made.queue.id).update(name=LONG_QUEUE)
    return made


def wait_in_line(shop: Shop, number: int) -> None:
    """So many customers write, and wait."""
    for one in range(number):
        sender = Sender(f"guest-{one}", kind="guest", name=f"{LONG_NAME} {one}", locale="de")
        do_receive(shop.channel, InboundMessage(f"key-{one}", sender, text=LONG_TEXT))
    eventually(lambda: RoutingPass.objects.filter(state="waiting").count() == number, seconds=60)


def hire(shop: Shop, number: int) -> None:
    people = [User(email=f"a{one}@shop.example", name=f"{LONG_NAME} {one}", locale="de") for one in range(number)]
    User.objects.bulk_create(people)
    for one in people:
        assign(one, [Role.AGENT])
    QueueMember.objects.bulk_create(QueueMember(queue=shop.queue, user=one) for one in people)


def german(user: User) -> User:
    user.locale = "de"
    user.save()
    return user


def look_at(page: Page, state: str) -> None:
    """On a wide screen in light, on a phone in dark colours."""
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 844})
        check_axe(page, f"{state}, {width} px", (scheme,))
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], f"{state}, {width} px: {wide}"


@pytest.mark.parametrize("number", [0, 1, MANY])
def test_the_desks_waiting_list(browser: Browser, product: Product, shop: Shop, number: int) -> None:
    ana = Agent(browser, product, german(shop.agent("Ana")))
    wait_in_line(shop, number)
    ana.page.reload()
    ana.page.locator("#tab-waiting").click()
    expect(ana.page.locator("#tab-waiting")).to_have_text(f"Wartend {number}")
    expect(ana.page.locator(".list .conv")).to_have_count(min(number, 25))
    expect(ana.page.locator(".list .empty")).to_have_count(0 if number else 1)
    look_at(ana.page, f"{number} waiting")
    if number == MANY:
        ana.page.locator("#page-on").click()
        expect(ana.page.locator("#page-back")).to_be_visible()
        expect(ana.page.locator(".list .conv")).to_have_count(25)
    ana.leave()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("number", [0, 1, MANY])
def test_the_supervisors_lists(browser: Browser, product: Product, shop: Shop, number: int) -> None:
    hire(shop, number)
    wait_in_line(shop, number)
    sam = User.objects.create_user("sam@shop.example", name=LONG_NAME)
    assign(sam, [Role.SUPERVISOR])
    watching = Supervisor(browser, product, german(sam))
    for path in ("", "agents/", "interactions/"):
        watching.page.goto(f"{product.url}/reporting/{path}")
        watching.page.wait_for_load_state("networkidle")
        look_at(watching.page, f"{path or 'activity'} of {number}")
    watching.leave()
