"""The people of the end-to-end tests, each in a browser context of their own, as page objects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect

from agents.models import AgentState, Skill, User, UserSkill, Utilization
from agents.roles import Role, assign
from channels_app.messenger.models import Deployment
from channels_app.models import Channel
from contactcenter.kernel import clock
from routing.models import InboundRoute, Queue, QueueMember, RouteNeed, WrapUpCode
from tests.product import Product, eventually

expect.set_options(timeout=10_000)


@dataclass
class Shop:
    """A company with one queue, one messenger, and a wrap-up code."""

    queue: Queue
    deployment: Deployment
    channel: Channel
    route: InboundRoute
    skills: dict[str, Skill] = field(default_factory=dict)

    def needs(self, skill: str, minimum: float = 0) -> None:
        """What the messenger's customers ask of an agent."""
        RouteNeed.objects.create(route=self.route, skill=self.skill(skill), minimum=minimum)

    def skill(self, name: str) -> Skill:
        return self.skills.setdefault(name, Skill.objects.get_or_create(name=name)[0])

    def agent(self, name: str, *, member: bool = True, limit: int = 4, **skills: float) -> User:
        """An agent, usually a member of the queue."""
        user = User.objects.create_user(f"{name.lower()}@shop.example", name=f"{name} Example")
        assign(user, [Role.AGENT])
        for skill, proficiency in skills.items():
            UserSkill.objects.create(user=user, skill=self.skill(skill), proficiency=proficiency)
        Utilization.objects.create(user=user, medium="message", limit=limit)
        if member:
            QueueMember.objects.create(queue=self.queue, user=user)
        return user


def open_shop(**queue: object) -> Shop:
    """The company, with `queue` settings on top of plain ones."""
    plain = {"alert_timeout": timedelta(seconds=30), "wrapup_timeout": timedelta(minutes=5)}
    made = Queue.objects.create(name="Returns", **plain | queue)
    WrapUpCode.objects.create(name="Solved")
    channel = Channel.objects.create(kind="webmessaging", name="Shop messenger")
    deployment = Deployment.objects.create(channel=channel, name="Shop")
    route = InboundRoute.objects.create(channel=channel, queue=made)
    return Shop(made, deployment, channel, route)


class Person:
    """Somebody with a browser. `problems` are what their console complained about."""

    def __init__(self, browser: Browser, product: Product) -> None:
        self.product = product
        self.context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def leave(self) -> None:
        """Close the browser; nothing may have gone wrong in it."""
        self.context.close()
        assert not self.problems, self.problems


class Customer(Person):
    """A visitor of the hosted messenger."""

    def __init__(self, browser: Browser, product: Product, shop: Shop) -> None:
        super().__init__(browser, product)
        self.address = f"{product.url}/messenger/{shop.deployment.id}/"
        self.page.goto(self.address)

    @property
    def log(self) -> Locator:
        return self.page.locator("[data-part=log]")

    def say(self, text: str) -> None:
        """Write and send."""
        self.page.get_by_role("textbox", name="Your message").fill(text)
        self.page.get_by_role("button", name="Send").click()

    def sees(self, text: str) -> None:
        """One message with this text."""
        expect(self.log.get_by_text(text, exact=True)).to_have_count(1)

    def come_back(self) -> None:
        """Open the page again, later."""
        self.page.goto(self.address)


class Agent(Person):
    """An agent at the desk, logged in."""

    def __init__(self, browser: Browser, product: Product, user: User) -> None:
        super().__init__(browser, product)
        self.user = user
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        self.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": product.url}])
        self.page.goto(f"{product.url}/desk/")

    def go_on_queue(self) -> None:
        """Ready for work."""
        self.page.get_by_role("button", name=re.compile("Go on queue", re.IGNORECASE)).click()
        expect(self.page.locator("#presence")).to_contain_text("On queue")

    def come_back(self) -> None:
        """Open the desk again, later; an agent whose desk wasn't seen for a minute has left the queue."""
        came = clock.now()
        self.page.reload()
        eventually(lambda: AgentState.objects.filter(user=self.user, seen_at__gte=came).exists())
        eventually(self._is_on_queue)

    def _is_on_queue(self) -> bool:
        if AgentState.objects.get(user=self.user).status == "off_queue":
            self.go_on_queue()
        return AgentState.objects.filter(user=self.user, status__in=["idle", "interacting"]).exists()

    @property
    def offer(self) -> Locator:
        return self.page.get_by_role("alertdialog")

    def accept(self) -> None:
        """Take what alerts; the thread opens, and the offer is gone: the next one isn't mistaken for it."""
        taken = self.page.locator(f"#{self.offer.get_attribute('id')}")
        taken.get_by_role("button", name="Accept").click()
        expect(self.page.locator("#composer")).to_be_visible()
        expect(taken).to_have_count(0)

    def decline(self) -> None:
        self.offer.get_by_role("button", name="Decline").click()
        expect(self.offer).to_have_count(0)

    @property
    def log(self) -> Locator:
        return self.page.locator("#log")

    def answer(self, text: str) -> None:
        """Reply to the customer."""
        self.page.locator("#composer-text").fill(text)
        self.page.locator("#send").click()

    def sees(self, text: str) -> None:
        """One message with this text in the thread."""
        expect(self.log.get_by_text(text, exact=True)).to_have_count(1)

    def end(self) -> None:
        """End the conversation; wrap-up follows."""
        self.page.locator("#do-end").click()
        expect(self.page.locator("#wrap-up")).to_be_visible()

    def wrap_up(self, code: str = "Solved", notes: str = "") -> None:
        """Choose a code."""
        form = self.page.locator("#wrap-up")
        form.get_by_text(code, exact=True).click()
        if notes:
            form.get_by_label("Notes").fill(notes)
        form.get_by_role("button", name="Done").click()
        expect(form).to_have_count(0)
