"""The past week of the company, by the real actions in virtual time. One transaction: all of it, or nothing."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction

from agents.actions.status import locked_state
from agents.models import PresenceSpan, RoutingStatusSpan, User
from agents.presence import Presence
from channels_app.messenger.models import Deployment
from channels_app.models import Channel, Conversation
from contactcenter.demo.company import ADMIN, AGENTS, DOORS, NEWCOMER, TIME_ZONE, Door, one_at_a_time
from contactcenter.demo.dialogues import details, texts
from contactcenter.demo.floor import Floor
from contactcenter.demo.hours import Calendar
from contactcenter.demo.stories import Customer, Stories
from contactcenter.demo.world import World
from contactcenter.kernel import clock
from contactcenter.kernel.db import Tx
from routing.models import QueueMember

T = TypeVar("T")
CONVERSATIONS, DAYS, SEED = 160, 7, 17
MOST_CONVERSATIONS = 2000
FEWEST = 5  # agents: with less of them a queue could have nobody
SATURDAY_TEAM = ("Ben Castell", "Lukas Falk", "Ines Carvalho")
GERMAN, SECOND_CHANNEL = 0.25, 0.06
#: how many of the customers write through which door
SHARES = {"Web shop": 0.42, "Help centre": 0.28, "Parcel line": 0.30}
#: half an hour at lunch when all who serve Returns sit in a meeting, and a carrier has an outage
OUTAGE_HOUR, OUTAGE_SHARE, OUTAGE_LEAST = 13, 0.06, 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where customers write, as the company has it now."""

    door: Door
    channel: Channel
    deployment: Deployment | None


def is_there() -> bool:
    """Whether this database has the demo's week: conversations from before the company was founded."""
    founded = User.objects.filter(email=ADMIN).values_list("date_joined", flat=True).first()
    return founded is not None and Conversation.objects.filter(created_at__lt=founded).exists()


def make_week(
    *,
    conversations: int = CONVERSATIONS,
    days: int = DAYS,
    seed: int = SEED,
    tell: Callable[[str], None] = lambda line: None,
) -> int:
    """Play the days up to now. Agents whom somebody uses already stay out of it.

    Nothing waits or alerts at the end, everybody is off queue, some threads rest within their window.

    :returns: how many conversations customers began, beside those who came back or wrote from a second channel.
    """
    end = clock.now() - timedelta(minutes=1)
    with transaction.atomic(durable=True):
        one_at_a_time()
        agents = [] if is_there() else _free_agents(end - timedelta(days=days))
        if len(agents) < FEWEST:
            return 0
        week = Week(end - timedelta(days=days), end, seed, agents)
        week.plan(conversations)
        week.play(tell)
        return week.began


def _free_agents(at: datetime) -> list[User]:
    """The demo's agents who were never on queue, in the order of the table, their state rows locked until the end.

    Somebody who logs in as one of them meanwhile waits with going on queue until the week is there. So the first
    login isn't among them: whoever tries the product at once waits for nothing.
    """
    used = RoutingStatusSpan.objects.values("user").union(PresenceSpan.objects.values("user"))
    emails = [person.email for person in AGENTS if person.email != NEWCOMER]
    rows = User.objects.filter(email__in=emails, is_active=True).exclude(id__in=used)
    for agent in rows.order_by("id"):
        locked_state(Tx(at), agent.id)
    return sorted(rows, key=lambda agent: emails.index(agent.email))


class Week:
    """One run: who works, who writes when, and the world in which it happens."""

    def __init__(self, start: datetime, end: datetime, seed: int, agents: list[User]) -> None:
        self.world = World(start, end, seed)
        self.agents = agents
        self.floor = Floor(self.world, agents)
        self.calendar = Calendar(start, end, ZoneInfo(TIME_ZONE))
        self.stories = Stories(self.world, self.floor, self.calendar)
        self.places = list(_places())
        self.people = {language: endless(names, self.world.rng) for language, names in texts().names.items()}
        self.scripts = {key: endless(some, self.world.rng) for key, some in texts().by_place().items()}
        self.began = 0

    @property
    def rng(self) -> random.Random:
        return self.world.rng

    # --- the plan ------------------------------------------------------------------------------

    def plan(self, conversations: int) -> None:
        """Shifts, an outage, and customers for all that remains."""
        saturday = tuple(index for index, agent in enumerate(self.agents) if agent.name in SATURDAY_TEAM)
        for shift in self.calendar.shifts(len(self.agents), saturday):
            if self.calendar.start < shift.start and shift.start + timedelta(hours=2) < self.calendar.end:
                self.world.start(self.floor.work(shift, self.agents[shift.agent]), shift.start)
        rush = self._plan_outage(conversations)
        shares = [SHARES[place.door.name] for place in self.places]
        for moment in self.calendar.arrivals(conversations - rush, self.rng):
            self._plan_customer(moment, self.rng.choices(self.places, shares)[0])

    def _plan_outage(self, conversations: int) -> int:
        """Many write about parcels at once while few are there: some wait long, some give up."""
        days = self.calendar.working_days()
        if len(days) < 2:
            return 0
        noon = self.calendar.moment(days[-2], OUTAGE_HOUR)
        for agent in self.agents:
            if not QueueMember.objects.filter(user=agent, queue__name="Returns").exists():
                continue
            meeting = self.floor.leave_for(agent, Presence.MEETING, timedelta(minutes=35))
            self.world.start(meeting, noon - timedelta(minutes=5))
        rush = min(conversations, max(OUTAGE_LEAST, int(conversations * OUTAGE_SHARE)))
        crowded = [place for place in self.places if place.door.queue != "Orders"]
        for _ in range(rush):
            self._plan_customer(noon + timedelta(minutes=self.rng.uniform(0, 18)), self.rng.choice(crowded))
        return rush

    def _plan_customer(self, moment: datetime, place: Place) -> None:
        self.world.at(moment, lambda: self._arrive(place))

    def _arrive(self, place: Place) -> None:
        language = "de" if self.world.chance(GERMAN) else "en"
        customer = Customer(
            name=next(self.people[language]),
            language=language,
            details=details(language, self.rng),
            channel=place.channel,
            deployment=place.deployment,
            number=f"+4915{self.rng.randrange(10**8):08d}",
            token=str(uuid.UUID(int=self.rng.getrandbits(128), version=4)),
        )
        dialogue = next(self.scripts[place.door.queue, language])
        self.began += 1
        self.world.start(self.stories.visit(customer, dialogue, dialogue.lines))
        if place.deployment is not None and self.world.chance(SECOND_CHANNEL):
            self._plan_second_channel(customer)

    def _plan_second_channel(self, customer: Customer) -> None:
        """A customer of the messenger who asks about the parcel from the phone, a day or two later."""
        phone = next((place for place in self.places if place.deployment is None), None)
        moment = self.world.now + timedelta(hours=self.rng.uniform(20, 50))
        if phone is not None and self.calendar.is_open(moment) and self.calendar.welcomes(moment):
            self.world.at(moment, lambda: self._write_from_phone(customer, phone))

    def _write_from_phone(self, customer: Customer, phone: Place) -> None:
        if customer.contact_id is None:
            return
        other = self.stories.also_writes_from(customer, phone.channel, customer.number)
        dialogue = next(self.scripts[phone.door.queue, customer.language])
        self.world.start(self.stories.visit(other, dialogue, dialogue.lines))

    # --- the play ------------------------------------------------------------------------------

    def play(self, tell: Callable[[str], None]) -> None:
        """Day by day, then everybody goes home."""
        for day in self.calendar.days():
            self.world.run(min(self.calendar.moment(day, 0) + timedelta(days=1), self.calendar.end))
            tell(f"{day:%A %d %B}: {self.began} conversations so far")
        self.world.stop()
        self.floor.go_home()
        self.world.write()


def _places() -> Iterator[Place]:
    for door in DOORS:
        channel = Channel.objects.filter(name=door.name, kind=door.kind, active=True).first()
        deployment = Deployment.objects.select_related("channel").filter(channel=channel, active=True).first()
        if channel is not None and bool(deployment) == bool(door.deployment):
            yield Place(door, channel, deployment)


def endless(some: list[T], rng: random.Random) -> Iterator[T]:
    """All of them in some order, then all of them in another. A name that comes again is somebody else's."""
    while True:
        yield from rng.sample(some, len(some))
