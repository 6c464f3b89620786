"""The main job, end to end: two browsers and the whole product between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from agents.models import User
from channels_app.models import Conversation, Delivery, Message
from routing.models import Assignment, Offer, QueueVisit, RoutingPass, WrapUp
from tests.e2e.people import Agent, Customer, Person, Shop, open_shop
from tests.product import Product, eventually


@pytest.fixture
def people(browser: Browser, product: Product) -> Iterator[list[Person]]:
    """Everybody who takes part; they leave at the end, without an error in their browsers."""
    present: list[Person] = []
    yield present
    for person in present:
        person.leave()


@pytest.fixture
def customer(browser: Browser, product: Product, people: list[Person]) -> Callable[[Shop], Customer]:
    def come(shop: Shop) -> Customer:
        people.append(made := Customer(browser, product, shop))
        return made

    return come


@pytest.fixture
def at_desk(browser: Browser, product: Product, people: list[Person]) -> Callable[[User], Agent]:
    def sit(user: User) -> Agent:
        people.append(made := Agent(browser, product, user))
        made.go_on_queue()
        return made

    return sit


def test_a_customer_reaches_the_right_agent_and_two_days_later_the_same_one_on_the_same_thread(
    product: Product, customer: Callable[[Shop], Customer], at_desk: Callable[[User], Agent]
) -> None:
    shop = open_shop()
    shop.needs("German", 3)
    ben = at_desk(shop.agent("Ben", French=5))  # idle for longer, but without the skill
    ana = at_desk(shop.agent("Ana", German=4.5))
    jonas = customer(shop)
    jonas.say("Hello, the zip of my jacket is broken")
    jonas.sees("Hello, the zip of my jacket is broken")
    expect(ana.offer).to_be_visible()
    expect(ben.offer).to_have_count(0)
    ana.accept()
    ana.sees("Hello, the zip of my jacket is broken")
    ana.answer("Hello Jonas, could you send me a photo?")
    jonas.sees("Hello Jonas, could you send me a photo?")
    ana.sees("Hello Jonas, could you send me a photo?")
    eventually(lambda: Delivery.objects.filter(state="read").exists(), message="the customer's screen shows it: read")
    jonas.say("Here you are")
    ana.sees("Here you are")
    ana.end()
    ana.wrap_up(notes="zip, sends a photo")
    conversation = Conversation.objects.get()
    assert conversation.state == "resting"
    assert WrapUp.objects.get().code.name == "Solved"

    product.travel(timedelta(days=2))
    ana.come_back()
    jonas.come_back()
    jonas.sees("Hello Jonas, could you send me a photo?")
    jonas.say("It broke again")
    expect(ana.offer).to_contain_text("You had this conversation last")
    ana.accept()
    ana.sees("It broke again")
    ana.sees("Here you are")  # nothing has been forgotten
    assert Conversation.objects.get().id == conversation.id
    assert [a.agent.name for a in Assignment.objects.order_by("connected_at")] == ["Ana Example", "Ana Example"]
    assert Offer.objects.order_by("made_at").last().kind == "last"
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == list(
        range(1, Message.objects.count() + 1)
    )


def test_after_the_window_a_message_opens_a_new_conversation(
    product: Product, customer: Callable[[Shop], Customer], at_desk: Callable[[User], Agent]
) -> None:
    shop = open_shop()
    shop.channel.window = timedelta(minutes=30)
    shop.channel.save()
    ana = at_desk(shop.agent("Ana"))
    jonas = customer(shop)
    jonas.say("Hello")
    ana.accept()
    ana.answer("Hello too")
    jonas.sees("Hello too")
    ana.end()
    ana.wrap_up()
    product.travel(timedelta(minutes=31))
    ana.come_back()
    eventually(lambda: Conversation.objects.get().state == "ended")
    jonas.say("One more thing")
    expect(ana.offer).to_be_visible()
    assert sorted(Conversation.objects.values_list("state", flat=True)) == ["active", "ended"]


def test_with_a_window_of_zero_a_conversation_ends_with_its_work(
    product: Product, customer: Callable[[Shop], Customer], at_desk: Callable[[User], Agent]
) -> None:
    shop = open_shop()
    shop.channel.window = timedelta(0)
    shop.channel.save()
    ana = at_desk(shop.agent("Ana"))
    customer(shop).say("Hello")
    ana.accept()
    ana.end()
    assert Conversation.objects.get().state == "ended"


def test_a_declined_offer_goes_on_to_the_next_agent_and_the_place_is_kept(
    product: Product, customer: Callable[[Shop], Customer], at_desk: Callable[[User], Agent]
) -> None:
    shop = open_shop()
    ana, ben = at_desk(shop.agent("Ana")), at_desk(shop.agent("Ben"))
    customer(shop).say("Hello")
    expect(ana.offer).to_be_visible()  # idle for longer
    visit = QueueVisit.objects.get()
    ana.decline()
    expect(ben.offer).to_be_visible()
    ben.accept()
    assert QueueVisit.objects.get().entered_at == visit.entered_at
    assert Offer.objects.filter(state="declined").get().agent == ana.user


def test_an_offer_that_nobody_answers_expires_and_the_agent_is_not_responding(
    product: Product, customer: Callable[[Shop], Customer], at_desk: Callable[[User], Agent]
) -> None:
    shop = open_shop()
    ana = at_desk(shop.agent("Ana"))
    customer(shop).say("Hello")
    expect(ana.offer).to_be_visible()
    product.travel(timedelta(seconds=31))
    expect(ana.page.locator("#presence")).to_contain_text("Not responding")
    expect(ana.offer).to_have_count(0)
    assert RoutingPass.objects.get().state == "waiting"
    assert Offer.objects.get().state == "expired"


def test_two_agents_race_for_one_conversation_and_one_of_them_gets_it(
    product: Product, customer: Callable[[Shop], Customer], at_desk: Callable[[User], Agent]
) -> None:
    shop = open_shop()
    shop.needs("Sign language")  # nobody has it: routing waits, and members may pick
    ana, ben = at_desk(shop.agent("Ana")), at_desk(shop.agent("Ben"))
    customer(shop).say("Who takes me?")
    eventually(lambda: RoutingPass.objects.filter(state="waiting").exists())
    waiting = RoutingPass.objects.get(state="waiting")
    script = f"""fetch("/routing/conversations/{waiting.conversation_id}/pick/", {{method: "POST",
        headers: {{"X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"],
        "HX-Request": "true"}}}}).then((answer) => answer.status)"""
    started = [agent.page.evaluate_handle(f"() => ({{answer: {script}}})") for agent in (ana, ben)]
    statuses = sorted(handle.evaluate("(one) => one.answer") for handle in started)
    assert statuses[0] < 300 <= statuses[1], statuses
    assert Assignment.objects.filter(conversation=waiting.conversation).count() == 1


def test_a_reload_and_a_cut_in_the_middle_lose_and_double_nothing(
    product: Product, customer: Callable[[Shop], Customer], at_desk: Callable[[User], Agent]
) -> None:
    shop = open_shop()
    ana = at_desk(shop.agent("Ana"))
    jonas = customer(shop)
    jonas.say("one")
    ana.accept()
    ana.sees("one")
    ana.context.set_offline(True)
    jonas.context.set_offline(True)
    jonas.say("two, written offline")
    ana.context.set_offline(False)
    jonas.context.set_offline(False)
    jonas.sees("two, written offline")
    ana.sees("two, written offline")
    product.kill("web")
    product.start("web")
    jonas.say("three, over a new server")
    product.ready()
    jonas.sees("three, over a new server")
    ana.sees("three, over a new server")
    ana.answer("four")
    jonas.sees("four")
    jonas.come_back()
    ana.page.reload()
    for text in ("one", "two, written offline", "three, over a new server", "four"):
        jonas.sees(text)
        ana.sees(text)
    assert Message.objects.public().exclude(kind="system").count() == 4
