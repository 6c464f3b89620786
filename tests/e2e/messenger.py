"""The messenger as its customers have it: a page object, what the company's side says, and axe."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from playwright.sync_api import BrowserContext, Locator, Page, expect

from agents.models import User
from channels_app.actions.files import content_for, do_attach, do_request_upload, receive_upload
from channels_app.actions.outbound import do_reply
from channels_app.models import Attachment, Conversation, Message
from contactcenter.kernel.db import Tx, action
from tests.e2e.people import Shop
from tests.product import Product, eventually

#: puts other values into the page's configuration before its scripts read it
CHANGE = """(change) => {
  const merge = (into, from) => Object.entries(from).forEach(([key, value]) => {
    if (value && typeof value === "object" && !Array.isArray(value) && into[key]) merge(into[key], value);
    else into[key] = value;
  });
  const watcher = new MutationObserver(() => {
    const node = document.getElementById("messenger-config");
    if (!node) return;
    const config = JSON.parse(node.textContent);
    merge(config, change);
    node.textContent = JSON.stringify(config);
    watcher.disconnect();
  });
  watcher.observe(document, { childList: true, subtree: true });
}"""


class Messenger:
    """One page of the hosted messenger, in a context that the test owns (two tabs: two of these)."""

    def __init__(
        self, context: BrowserContext, product: Product, shop: Shop, change: dict[str, Any] | None = None
    ) -> None:
        """`change` is merged into the page's configuration."""
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.address = f"{product.url}/messenger/{shop.deployment.id}/"
        if change:
            self.page.add_init_script(f"({CHANGE})({json.dumps(change)})")
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
        """Write, and wait until the product has it and has said so: a client that wasn't told sends it again."""
        self.say(text)
        eventually(lambda: Message.objects.filter(text=text).exists(), message=f"{text!r} didn't arrive")
        expect(self.log.locator(".m.me:is(.sending, .waiting)")).to_have_count(0)

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


@action
def _do_show(tx: Tx, conversation_id: UUID, agent: User, text: str, files: list[Attachment]) -> Message:
    """As the desk does it."""
    message = do_reply.within(tx, conversation_id, author=agent, text=text, content=[content_for(one) for one in files])
    do_attach.within(tx, message, [one.id for one in files], user=agent)
    return message


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

    def shows(self, text: str = "", **files: bytes) -> Message:
        """A reply with files, by their names with _ for the dot."""
        names = {name.replace("_", "."): data for name, data in files.items()}
        rows = [
            receive_upload(do_request_upload(name, user=self.agent, size=len(data)), [data])
            for name, data in names.items()
        ]
        return _do_show(self.conversation.id, self.agent, text, rows)


def stored() -> list[str]:
    """What was said in public, in the database's order."""
    said = Message.objects.public().exclude(kind="system").order_by("conversation__last_time", "created_at")
    return list(said.values_list("text", flat=True))


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text()


def check_axe(
    page: Page,
    state: str,
    schemes: Sequence[str] = ("light", "dark"),
    *,
    without: Sequence[str] = (),
    of: str = "html",
) -> None:
    """No violation of any of axe's rules (but those `without`) in a part of the page, in each colour scheme."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        run = "(of) => axe.run(of, {resultTypes: ['violations']}).then((result) => result.violations)"
        found = page.evaluate(run, of)
        told = [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found if one["id"] not in without]
        assert not told, f"{state}, {scheme}: {told}"


def looks_right(page: Page, state: str) -> None:
    """No violation in either theme, and nothing wider than a phone."""
    check_axe(page, state)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, state
    page.set_viewport_size({"width": 1280, "height": 900})
