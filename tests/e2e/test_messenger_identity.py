"""Known customers in Chromium: signed in by the company's token, nothing lost, signed out without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from channels_app.messenger.actions.deployments import do_configure_deployment
from channels_app.messenger.models import SignIn
from channels_app.models import Address, Contact, Conversation, Message
from contactcenter.kernel import clock
from tests.channels_app.vouchers import own_key, own_token
from tests.e2e.messenger import Company, Messenger
from tests.e2e.people import Shop, open_shop
from tests.e2e.site import Site
from tests.product import Product, eventually

APP = "async () => { window.app = (await import(document.querySelector('script[type=module]').src)).app; }"
ENTER = "(token) => app.signIn(token).then(() => 'in', () => 'refused')"
KEPT = "[...Object.entries(localStorage), ...Object.entries(sessionStorage)].map((pair) => pair.join('='))"


@pytest.fixture
def shop(product: Product) -> Shop:
    made = open_shop()
    do_configure_deployment(made.deployment.id, {"identity": True, "company_name": "Acme"})
    own_key(made.deployment)
    return made


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    context.set_default_timeout(10_000)
    return context


@pytest.fixture
def messenger(messenger: Messenger) -> Messenger:
    """Its functions may be called as `app`."""
    messenger.page.evaluate(APP)
    return messenger


@pytest.fixture
def other(context: BrowserContext, product: Product, shop: Shop) -> Iterator[Messenger]:
    """A second tab of the same visitor."""
    tab = Messenger(context, product, shop).ready()
    yield tab
    tab.leave()


def test_a_signed_token_makes_the_visitor_known_and_a_forged_one_does_not(messenger: Messenger) -> None:
    for forged in (own_token(secret="another secret, just as long as ours"), own_token(seconds=-600), "nonsense"):
        assert messenger.page.evaluate(ENTER, forged) == "refused"
    messenger.sends("As nobody")
    assert not Address.objects.filter(kind="customer").exists()
    assert messenger.page.evaluate(ENTER, own_token("4711", name="Jonas Weber")) == "in"
    address = eventually(lambda: Address.objects.filter(kind="customer").first())
    assert (address.external_id, address.contact.name) == ("4711", "Jonas Weber")
    messenger.sends("As Jonas")


def test_a_running_conversation_stays_when_its_visitor_signs_in_and_after_a_reload(
    company: Company, messenger: Messenger, other: Messenger
) -> None:
    messenger.sends("My parcel is lost")
    company.says("I look for it")
    messenger.sees("I look for it")
    conversation = company.conversation
    messenger.box.fill("a draft")
    assert messenger.page.evaluate(ENTER, own_token("4711", name="Jonas Weber")) == "in"
    eventually(lambda: Address.objects.filter(kind="customer").exists())
    messenger.ready().sends("It was a blue one")
    company.says("Found it, Jonas")
    for tab in (messenger, other):
        tab.sees("My parcel is lost", "I look for it", "It was a blue one", "Found it, Jonas")
    messenger.page.reload()
    messenger.ready().sees("My parcel is lost", "I look for it", "It was a blue one", "Found it, Jonas")
    messenger.sends("Thank you")
    assert list(Conversation.objects.all()) == [conversation]
    assert (Contact.objects.get().name, conversation.messages.filter(text="My parcel is lost").count()) == (
        "Jonas Weber",
        1,
    )


def test_a_sign_in_outlives_its_token_of_an_hour_but_not_its_end_on_the_server(
    messenger: Messenger, product: Product
) -> None:
    assert messenger.page.evaluate(ENTER, own_token("4711", name="Jonas Weber")) == "in"
    messenger.sends("In the morning")
    product.travel(timedelta(hours=3))
    messenger.page.reload()
    messenger.ready().sees("In the morning")
    messenger.sends("Three hours later")
    assert len(set(Message.objects.filter(direction="inbound").values_list("conversation"))) == 1
    SignIn.objects.update(revoked_at=clock.now())
    product.travel(timedelta(hours=6))
    messenger.page.reload()
    messenger.ready()
    expect(messenger.log.get_by_text("In the morning")).to_have_count(0)
    messenger.sends("As nobody")


def test_signing_out_leaves_nothing_of_the_customer_on_the_machine(
    company: Company, messenger: Messenger, other: Messenger
) -> None:
    assert messenger.page.evaluate(ENTER, own_token("4711", name="Jonas Weber")) == "in"
    messenger.sends("My secret order")
    company.says("Your secret answer")
    for tab in (messenger, other):
        tab.sees("My secret order", "Your secret answer")
        tab.box.fill("an unsent secret")
    messenger.page.evaluate("app.setAttributes({secret: 'plan'})")
    eventually(lambda: "secret" in str(messenger.page.evaluate(KEPT)))
    before = str(messenger.page.evaluate(KEPT))
    assert "refresh" in before
    messenger.page.evaluate("app.signOut()")
    for tab in (messenger, other):
        expect(tab.log.get_by_text("secret")).to_have_count(0)
        expect(tab.box).to_have_value("")
        tab.ready()
    left = {pair.split("=")[0].rpartition(".")[2] for pair in messenger.page.evaluate(KEPT)}
    assert left <= {"token"}, left
    assert "secret" not in str(messenger.page.evaluate(KEPT))
    token = next(one for one in messenger.page.evaluate(KEPT) if ".token=" in one)
    assert token not in before, "whoever comes next is somebody else"
    messenger.page.reload()
    messenger.ready()
    expect(messenger.log.get_by_text("secret")).to_have_count(0)
    messenger.sends("I am somebody else")
    mine = Message.objects.get(text="I am somebody else").conversation
    assert mine.address.kind != "customer"
    assert mine.attributes == {}


# --- from the company's own page -----------------------------------------------------------------


@pytest.fixture
def page(context: BrowserContext, product: Product, shop: Shop, site: Site) -> Page:
    """The company's page with its messenger, on another origin under a strict policy."""
    found = context.new_page()
    found.goto(site.page(product.url, [str(shop.deployment.id)]))
    found.locator(".launcher").wait_for()
    return found


def test_the_companys_page_signs_its_customer_in_and_out(page: Page, shop: Shop) -> None:
    enter = "(token) => ContactCenter.signIn(token).then(() => 'in', (error) => String(error))"
    assert "refused" in page.evaluate(enter, own_token(secret="another secret, just as long as ours"))
    assert page.evaluate(enter, own_token("4711", name="Jonas Weber")) == "in"
    page.evaluate("ContactCenter.send('From my account')")
    said = eventually(lambda: Message.objects.filter(text="From my account").first())
    eventually(lambda: Message.objects.get(pk=said.pk).conversation.address.kind == "customer")
    page.reload()
    page.locator(".launcher").click()
    log = page.frame_locator("iframe").locator("[data-part=log]")
    expect(log.get_by_text("From my account")).to_be_visible()
    page.evaluate("ContactCenter.signOut()")
    expect(log.get_by_text("From my account")).to_have_count(0)
    page.reload()
    page.locator(".launcher").click()
    expect(page.frame_locator("iframe").get_by_role("textbox")).to_be_visible()
    expect(log.get_by_text("From my account")).to_have_count(0)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.endsWith('.conversation'))") == []
