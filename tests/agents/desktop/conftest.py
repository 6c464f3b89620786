"""What the tests of the desk share: a small contact centre whose people have their roles and are logged in."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from agents.models import User
from agents.roles import Role, assign
from channels_app.models import Channel, Conversation
from routing.models import Assignment, Queue
from tests.e2e.story import story
from tests.routing.cast import Scene, code

PARTIAL = {"HX-Request": "true"}


class Desk:
    """A queue with Ana and Ben, another with Cleo, Sam who supervises; Jonas' channel leads to the first."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.orders: Queue = scene.queue("Orders")
        self.billing: Queue = scene.queue("Billing")
        self.channel: Channel = scene.channel(self.orders)
        self.ana = self.agent("Ana", self.orders)
        self.ben = self.agent("Ben", self.orders, on_queue=False)
        self.cleo = self.agent("Cleo", self.billing, on_queue=False)
        self.sam = self.person("Sam", Role.SUPERVISOR)
        code("Solved")

    def agent(self, name: str, *queues: Queue, **how: Any) -> User:
        user = self.scene.agent(name, *queues, **how)
        assign(user, [Role.AGENT])
        return user

    def person(self, name: str, role: Role) -> User:
        user = User.objects.create_user(f"{name.lower()}@example.com", name=name)
        assign(user, [role])
        return user

    def talk(self, who: str = "jonas") -> tuple[Conversation, Assignment]:
        """Ana has a conversation."""
        return self.scene.talks(self.channel, who)


def browser(user: User | None) -> Client:
    """A browser of this person, or of somebody who isn't logged in. It checks CSRF like the real one."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def get(user: User | None, path: str) -> HttpResponse:
    """What a script of this person's desk gets."""
    return browser(user).get(path, headers=PARTIAL)


def post(user: User | None, path: str, **fields: Any) -> HttpResponse:
    return browser(user).post(path, fields, headers=PARTIAL)


def thread_path(conversation: Conversation, end: str = "") -> str:
    return f"/desk/conversations/{conversation.id}/{end}"


def write(user: User, conversation: Conversation, text: str, *, kind: str = "reply", **more: Any) -> HttpResponse:
    """A reply or a note, as the composer sends it."""
    fields = {"client_id": str(uuid.uuid4()), "text": text} | more
    return post(user, thread_path(conversation, f"{kind}/"), **fields)


def words(response: HttpResponse) -> str:
    return response.content.decode()


@pytest.fixture
def desk(scene: Scene) -> Desk:
    return Desk(scene)


@pytest.fixture
def scene(db: None) -> Iterator[Scene]:
    made = Scene()
    yield made
    made.close()


__all__ = ["story"]  # a fixture that is elsewhere
