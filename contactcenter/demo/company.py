"""Harbour & Pine, an outdoor shop: people, skills, queues, channels, messengers, routes. One table for each."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection

from agents import roles
from agents.actions.capacity import do_refresh_limits
from agents.models import Medium, Skill, Team, User, UserSkill, Utilization
from agents.roles import Role
from channels_app.messenger.actions.deployments import do_configure_deployment
from channels_app.messenger.models import Deployment
from channels_app.models import Channel
from contactcenter.demo.canned import make_libraries
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import Refused
from routing.models import InboundRoute, Queue, QueueMember, QueueWrapUpCode, RouteNeed, WrapUpCode

DOMAIN = "harbourpine.example"
TIME_ZONE = "Europe/Berlin"
COLOUR = "#1f6f5c"
_LOCK = 0x6363_0D30  # any number that nothing else in the database uses


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who logs in. `skills`: name → proficiency. `queues`: their names. `limit`: messages at once."""

    name: str
    role: Role = Role.AGENT
    team: str = ""
    locale: str = ""  # as the browser says
    skills: dict[str, float] = field(default_factory=dict)
    queues: tuple[str, ...] = ()
    limit: int | None = None

    @property
    def email(self) -> str:
        return f"{self.name.split()[0].lower().replace('á', 'a')}@{DOMAIN}"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A queue: its settings where they differ from the model's defaults, and the codes it offers."""

    name: str
    description: str
    settings: dict[str, Any]
    codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Door:
    """A channel, its messenger (if it is one), and where it leads."""

    name: str
    kind: str
    queue: str
    needs: dict[str, float]
    priority: int = 0
    window: timedelta = timedelta(hours=72)
    deployment: str = ""
    greeting: str = ""
    session: timedelta = timedelta(days=30)


LANGUAGES = ("English", "German", "French")
SKILLS = ("Products", "Returns", "Shipping", "Payments")
CODES = {
    "Question answered": "The customer knows now what they wanted to know.",
    "Order changed": "Size, colour, address or items changed.",
    "Order cancelled": "Cancelled before it left the warehouse.",
    "Return label sent": "The customer has a label for the parcel.",
    "Refund approved": "The money goes back.",
    "Exchange": "Another item goes out.",
    "Repair": "It goes to our workshop.",
    "Parcel found": "The carrier or a neighbour has it.",
    "Sent again": "Lost or damaged on the way; a new parcel goes out.",
    "Delivery date given": "Nothing wrong, the customer knows when it comes.",
    "Invoice sent": "Sent once more, or corrected.",
    "Payment cleared": "A payment was found, taken back, or matched.",
    "Customer gone": "The customer stopped answering.",
}
QUEUES = (
    Line(
        name="Orders",
        description="Sizes, stock, changes to an order",
        settings={
            "wrapup_prompt": Queue.WrapUpPrompt.OPTIONAL,
            "inactivity_timeout": timedelta(hours=4),
            "last_agent": Queue.LastAgent.MEMBERS,
        },
        codes=("Question answered", "Order changed", "Order cancelled", "Customer gone"),
    ),
    Line(
        name="Returns",
        description="Returns, exchanges, repairs",
        settings={
            "wrapup_prompt": Queue.WrapUpPrompt.MANDATORY,
            "inactivity_timeout": timedelta(hours=24),
            "last_agent": Queue.LastAgent.ANY,
            "last_agent_wait": timedelta(minutes=3),
            "parked_weight": Decimal("0.25"),
            "alert_timeout": timedelta(seconds=45),
            "service_level_within": timedelta(seconds=60),
        },
        codes=("Return label sent", "Refund approved", "Exchange", "Repair", "Customer gone"),
    ),
    Line(
        name="Delivery",
        description="Where is my parcel",
        settings={
            "wrapup_prompt": Queue.WrapUpPrompt.TIMEOUT,
            "wrapup_timeout": timedelta(seconds=45),
            "inactivity_timeout": timedelta(hours=2),
            "last_agent": Queue.LastAgent.MEMBERS,
            "alert_timeout": timedelta(seconds=20),
            "abandon_after": timedelta(minutes=10),
        },
        codes=("Parcel found", "Sent again", "Delivery date given", "Customer gone"),
    ),
    Line(
        name="Billing",
        description="Invoices, refunds, payments",
        settings={
            "wrapup_prompt": Queue.WrapUpPrompt.TIMEOUT,
            "wrapup_timeout": timedelta(minutes=2),
            "wrapup_counts": False,
            "last_agent": Queue.LastAgent.DISABLED,
            "manual_pick": False,
            "alert_timeout": timedelta(seconds=60),
            "service_level": Decimal(90),
            "service_level_within": timedelta(minutes=2),
        },
        codes=("Invoice sent", "Payment cleared", "Refund approved", "Question answered"),
    ),
)
AGENTS = (
    Person(
        name="Ana Okafor",
        team="Harbour",
        skills={"English": 5, "German": 4.5, "Products": 4, "Returns": 4},
        queues=("Orders", "Returns"),
        limit=5,
    ),
    Person(
        name="Ben Castell",
        team="Harbour",
        skills={"English": 5, "French": 3, "Shipping": 4.5, "Returns": 2.5},
        queues=("Delivery", "Returns"),
    ),
    Person(
        name="Kofi Mensah",
        team="Harbour",
        skills={"English": 5, "French": 4.5, "Shipping": 4, "Products": 2},
        queues=("Delivery", "Orders"),
        limit=3,
    ),
    Person(
        name="Mei Tanaka",
        team="Harbour",
        skills={"English": 4, "Products": 5, "Shipping": 2},
        queues=("Orders", "Delivery"),
    ),
    Person(
        name="Tomás Rey",
        team="Pine",
        skills={"English": 4, "French": 4, "Returns": 4.5, "Products": 3},
        queues=("Returns", "Orders"),
    ),
    Person(
        name="Nadia Haddad",
        team="Pine",
        skills={
            "English": 4.5,
            "French": 5,
            "German": 3.5,
            "Payments": 4.5,
            "Products": 2,
            "Returns": 3,
            "Shipping": 2,
        },
        queues=("Billing", "Returns"),
        limit=3,
    ),
    Person(
        name="Lukas Falk",
        team="Pine",
        locale="de",
        skills={"German": 5, "English": 3.5, "Payments": 4, "Products": 3.5, "Shipping": 3, "Returns": 2},
        queues=("Billing", "Orders", "Delivery"),
    ),
    Person(
        name="Ines Carvalho",
        team="Pine",
        skills={"English": 4, "German": 3, "Returns": 3.5, "Shipping": 3.5},
        queues=("Delivery", "Returns"),
        limit=6,
    ),
)
OTHERS = (
    Person(name="Sanne Brouwer", role=Role.SUPERVISOR),
    Person(name="Alex Moreau", role=Role.ADMIN),
)
PEOPLE = (*AGENTS, *OTHERS)
ADMIN = OTHERS[-1].email
NEWCOMER = AGENTS[0].email  # the first login that a start prints: began today, so the past week doesn't occupy it
DOORS = (
    Door(
        name="Web shop",
        kind="webmessaging",
        queue="Orders",
        needs={"Products": 2},
        deployment="Shop",
        greeting="Ask about an order, a size or a jacket. You can close this window, we keep your place.",
    ),
    Door(
        name="Help centre",
        kind="webmessaging",
        queue="Returns",
        needs={"Returns": 2},
        priority=2,
        deployment="Help centre",
        greeting="Returns, repairs and exchanges. Write when it suits you, we answer here.",
        session=timedelta(days=7),
    ),
    Door(name="Parcel line", kind="fake", queue="Delivery", needs={"Shipping": 2}, window=timedelta(hours=48)),
)


class NotEmpty(Refused):
    """There are users already, so no demo company is made here."""


def is_founded() -> bool:
    """Whether the demo company is in this database. Admins may have changed it since; it is never made twice."""
    return User.objects.filter(email=ADMIN).exists()


def one_at_a_time() -> None:
    """Until the end of this transaction: two starts on one database don't both make the demo."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@action
def do_found(tx: Tx, password: str) -> None:
    """Make the whole company, with one password for all of its people.

    :raises NotEmpty: accounts whose password is printed don't belong among real ones.
    """
    one_at_a_time()
    if User.objects.exists():
        raise NotEmpty
    skills = _skills()
    codes = _codes()
    queues = {line.name: _queue(line, codes) for line in QUEUES}
    people = _people(make_password(password))
    User.objects.update(date_joined=tx.now)  # by the product's clock: what is older is the demo's past
    for person in PEOPLE:
        _join(person, people[person.name], skills, queues)
    for door in DOORS:
        _open(tx, door, skills, queues)
    make_libraries(queues)
    do_refresh_limits.within(tx)


@action
def do_change_password(tx: Tx, password: str) -> None:
    """Give all people of the company this password."""
    User.objects.filter(email__in=[person.email for person in PEOPLE]).update(password=make_password(password))


def _skills() -> dict[str, Skill]:
    kinds = dict.fromkeys(SKILLS, Skill.Kind.SKILL) | dict.fromkeys(LANGUAGES, Skill.Kind.LANGUAGE)
    return {name: Skill.objects.get_or_create(name=name, defaults={"kind": kind})[0] for name, kind in kinds.items()}


def _codes() -> dict[str, WrapUpCode]:
    WrapUpCode.objects.get_or_create(is_timeout=True, defaults={"name": "Timed out"})
    return {
        name: WrapUpCode.objects.get_or_create(name=name, defaults={"description": text})[0]
        for name, text in CODES.items()
    }


def _queue(line: Line, codes: dict[str, WrapUpCode]) -> Queue:
    queue = Queue.objects.create(name=line.name, description=line.description, **line.settings)
    QueueWrapUpCode.objects.bulk_create(QueueWrapUpCode(queue=queue, code=codes[name]) for name in line.codes)
    return queue


def _people(password_hash: str) -> dict[str, User]:
    """One hash for all: hashing is slow on purpose."""
    teams = {person.team: None for person in PEOPLE if person.team}
    made = {name: Team.objects.get_or_create(name=name)[0] for name in teams}
    return {
        person.name: User.objects.create(
            email=person.email,
            name=person.name,
            team=made.get(person.team),
            locale=person.locale,
            time_zone=TIME_ZONE,
            password=password_hash,
        )
        for person in PEOPLE
    }


def _join(person: Person, user: User, skills: dict[str, Skill], queues: dict[str, Queue]) -> None:
    roles.assign(user, [person.role])
    UserSkill.objects.bulk_create(
        UserSkill(user=user, skill=skills[name], proficiency=Decimal(str(level)))
        for name, level in person.skills.items()
    )
    QueueMember.objects.bulk_create(QueueMember(user=user, queue=queues[name]) for name in person.queues)
    if person.limit:
        Utilization.objects.create(user=user, medium=Medium.MESSAGE, limit=person.limit)


def _open(tx: Tx, door: Door, skills: dict[str, Skill], queues: dict[str, Queue]) -> None:
    channel = Channel.objects.create(
        kind=door.kind,
        name=door.name,
        window=door.window,
        secrets={} if door.deployment else {"secret": secrets.token_hex(16)},
    )
    route = InboundRoute.objects.create(channel=channel, queue=queues[door.queue], priority=door.priority)
    RouteNeed.objects.bulk_create(
        RouteNeed(route=route, skill=skills[name], minimum=Decimal(str(level))) for name, level in door.needs.items()
    )
    if door.deployment:
        deployment = Deployment.objects.create(channel=channel, name=door.deployment, session_duration=door.session)
        look = {"company_name": "Harbour & Pine", "greeting": door.greeting, "primary_color": COLOUR}
        do_configure_deployment.within(tx, deployment.id, look)
