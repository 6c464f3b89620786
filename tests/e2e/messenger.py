"""The messenger as its customers have it: a page object, what the company's side says, and axe."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from agents.models import User
from channels_app.actions.outbound import do_reply
from channels_app.models import Conversation, Message
from tests.e2e.people import Shop
from tests.product import Product, eventually

Change = Callable[[dict[str, Any]], None]
CONFIG = re.compile(r'(<script id="messenger-config" type="application/json">)(.*?)(</script>)', re.DOTALL)


class Messenger:
    """One page of the hosted messenger, in a context that the test owns (two tabs: two of these)."""

    def __init__(self, context: BrowserContext, product: Product, shop: Shop, change: Change | None = None) -> None:
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.address = f"{product.url}/messenger/{shop.deployment.id}/"
        if change:
            self.page.route(self.address, lambda route: _changed(route, change))
        self.page.goto(self.address)

    @property
    def log(self) -> Locator:
        return self.page.locator("[data-part=log]")

    @property
    def box(self) -> Locator:
        return self.page.locator(".say textarea")

    def ready(self) -> Messenger:
        """Wait for the line; so that a test may read "the line is there" in one word."""
        self.page.locator("main[data-link=ready]").wait_for()
        return self

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def sends(self, text: str) -> None:
        """Write, and wait until the product has it."""
        self.say(text)
        eventually(lambda: Message.objects.filter(text=text).exists(), message=f"{text!r} didn't arrive")

    def sees(self, *texts: str) -> None:
        """Each once."""
        for text in texts:
            expect(self.log.get_by_text(text, exact=True)).to_have_count(1)

    def texts(self) -> list[str]:
        """All bubbles, top to bottom."""
        return self.log.locator(".bubble:not(.typing)").all_inner_texts()

    def menu(self, entry: str) -> None:
        """Choose from the menu."""
        self.page.get_by_role("button", name="Menu").click()
        self.page.get_by_role("menu").get_by_text(entry, exact=True).click()

    def leave(self) -> None:
        assert not self.problems, self.problems
        self.page.close()


def _changed(route: Route, change: Change) -> None:
    """The page with another configuration: what a deployment can't be told in one line."""
    answer = route.fetch()

    def replaced(match: re.Match[str]) -> str:
        config = json.loads(match[2])
        change(config)
        return match[1] + json.dumps(config).replace("<", "\\u003c") + match[3]

    route.fulfill(response=answer, body=CONFIG.sub(replaced, answer.text()))


@dataclass
class Company:
    """The other side, acting through the product's own actions."""

    shop: Shop
    agent: User

    @property
    def conversation(self) -> Conversation:
        """The one that is going on, once it is there."""
        found = eventually(lambda: Conversation.objects.exclude(state="ended").order_by("-last_time").first())
        assert isinstance(found, Conversation)
        return found

    def says(self, text: str = "", *content: dict[str, Any]) -> Message:
        return do_reply(self.conversation.id, author=self.agent, text=text, content=content)


def stored() -> list[str]:
    """What was said in public, in the database's order."""
    said = Message.objects.public().exclude(kind="system").order_by("conversation__last_time", "created_at")
    return list(said.values_list("text", flat=True))


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text()


def check_axe(page: Page, state: str, schemes: Sequence[str] = ("light", "dark")) -> None:
    """No violation of any of axe's rules, in each colour scheme."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((result) => result.violations)")
        told = [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]
        assert not told, f"{state}, {scheme}: {told}"
