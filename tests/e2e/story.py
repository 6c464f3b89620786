"""The story that most tests of the desk begin with: Ana at her desk, a customer who writes to her company."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from agents.models import User
from channels_app.actions.inbound import do_receive
from channels_app.actions.outbound import do_note
from channels_app.adapters.values import InboundMessage, Sender
from channels_app.models import Conversation, Message
from tests.e2e.people import Agent, Shop, open_shop
from tests.product import Product


class Story:
    """Ana at her desk, and a customer who writes without a browser."""

    def __init__(self, browser: Browser, product: Product) -> None:
        self.shop: Shop = open_shop()
        self.ana = Agent(browser, product, self.shop.agent("Ana"))
        self.page = self.ana.page
        self._count = 0

    def writes(self, text: str, who: str = "jonas") -> Message:
        self._count += 1
        sender = Sender(who, kind="guest", name=who.title())
        return do_receive(self.shop.channel, InboundMessage(f"key-{self._count}", sender, text=text)).message

    def notes(self, conversation: Conversation, colleague: User, text: str) -> Message:
        """A colleague leaves a note."""
        return do_note(conversation.id, author=colleague, text=text)

    def talks(self) -> Conversation:
        """Ana goes on queue, and has accepted."""
        self.ana.go_on_queue()
        conversation = self.writes("Hello, my zip is broken").conversation
        self.ana.accept()
        self.ana.sees("Hello, my zip is broken")
        return conversation


@pytest.fixture
def story(browser: Browser, product: Product) -> Iterator[Story]:
    """Ana isn't on queue yet; nothing may have gone wrong in her browser at the end."""
    told = Story(browser, product)
    yield told
    told.ana.leave()
