"""A small contact centre with supervisors, for the tests of their pages."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client

from agents.models import Team, User
from agents.roles import Role, assign
from channels_app.models import Channel, Conversation
from routing.models import Assignment, Queue
from tests.routing.cast import Scene, code

PARTIAL = {"HX-Request": "true"}


class Floor:
    """Ana and Ben serve Orders, Cleo serves Billing. Sam of the team Service supervises, Uma of no team does too."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.service = Team.objects.create(name="Service")
        self.orders = scene.queue("Orders", service_level=80, service_level_within=timedelta(seconds=20))
        self.billing = scene.queue("Billing", service_level=50, service_level_within=timedelta(seconds=60))
        self.channel: Channel = scene.channel(self.orders)
        self.bills: Channel = scene.channel(self.billing)
        self.ana = self.agent("Ana", self.orders, team=self.service)
        self.ben = self.agent("Ben", self.orders, on_queue=False)
        self.cleo = self.agent("Cleo", self.billing, on_queue=False)
        self.sam = self.person("Sam", Role.SUPERVISOR, team=self.service)
        self.uma = self.person("Uma", Role.SUPERVISOR)
        self.solved = code("Solved")

    def agent(self, name: str, *queues: Queue, team: Team | None = None, **how: Any) -> User:
        user = self.scene.agent(name, *queues, **how)
        assign(user, [Role.AGENT])
        return _in_team(user, team)

    def person(self, name: str, role: Role, team: Team | None = None) -> User:
        user = User.objects.create_user(f"{name.lower()}@example.com", name=name)
        assign(user, [role])
        return _in_team(user, team)

    def talk(self, who: str = "jonas", on: Channel | None = None) -> tuple[Conversation, Assignment]:
        """A customer's conversation, accepted by whom it was offered to."""
        return self.scene.talks(on or self.channel, who)


def _in_team(user: User, team: Team | None) -> User:
    User.objects.filter(id=user.id).update(team=team)
    user.refresh_from_db()
    return user


def client(user: User | None) -> Client:
    made = Client()
    if user is not None:
        made.force_login(user)
    return made


def get(user: User | None, path: str, *, partial: bool = True) -> HttpResponse:
    """What a script of this person's page gets, or the page itself."""
    return client(user).get(path, headers=PARTIAL if partial else {})


def post(user: User | None, path: str, **fields: Any) -> HttpResponse:
    return client(user).post(path, fields, headers=PARTIAL)


def words(response: HttpResponse) -> str:
    return response.content.decode()


def of(conversation: Conversation, end: str = "", *, work: uuid.UUID | None = None) -> str:
    """The address of an interaction, or of an action on it."""
    return f"/reporting/interactions/{conversation.id}/{end}" + (f"?pass={work}" if work else "")
