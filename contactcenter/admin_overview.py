"""What an admin should look at, and what is switched off: the second half of the admin's start page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents import roles
from agents.admin.base import page_of
from agents.admin.people import NO_PASSWORD
from agents.models import Skill, User, UserSkill
from channels_app.messenger.adapter import WebMessenger
from channels_app.messenger.models import Deployment
from channels_app.models import Channel, InboundPayload
from routing.admin.routes import SERVING, fitting
from routing.models import CannedResponse, InboundRoute, Queue, ResponseLibrary, RouteNeed, WrapUpCode

MOST = 1000  # counted so far, then "1000+"


@dataclass(frozen=True, slots=True)
class Look:
    """A sentence with its count, and where to do something about it. `urgent`: customers feel it."""

    text: str
    link: str
    urgent: bool = False


def get_looks() -> list[Look]:
    """What is wrong or strange, what customers feel first. Nothing that is as it should be."""
    found = [*_routes(), *_queues(), *_people(), *_messengers()]
    return sorted([*get_failures(), *(look for look in found if look)], key=lambda look: not look.urgent)


def get_failures() -> list[Look]:
    """What went wrong by itself, whatever the set-up."""
    return [look for look in (*_failing(), _failed_payloads()) if look]


def get_switched_off() -> list[tuple[str, str]]:
    """(What and how many, link to these), only of what there is."""
    kinds: list[tuple[type[Model], str, str]] = [
        (Channel, "active", "active"),
        (Deployment, "active", "active"),
        (Queue, "active", "active"),
        (User, "is_active", "is_active"),
        (InboundRoute, "active", "active"),
        (WrapUpCode, "active", "active"),
        (ResponseLibrary, "active", "active"),
        (CannedResponse, "active", "active"),
    ]
    found = []
    for model, field, parameter in kinds:
        count = model._default_manager.filter(**{field: False}).count()  # noqa: SLF001 documented by Django
        if count:
            options = model._meta  # noqa: SLF001 likewise
            name = options.verbose_name if count == 1 else options.verbose_name_plural
            found.append((f"{count} {name}", list_of(model, f"{parameter}__exact=0")))
    return found


def _failing() -> Iterable[Look]:
    for channel in Channel.objects.filter(active=True, health=Channel.Health.FAILING):
        note = {"channel": channel, "note": channel.health_note or "–"}
        yield Look(_("“%(channel)s” fails: %(note)s") % note, page_of(channel), urgent=True)


def _failed_payloads() -> Look | None:
    count = InboundPayload.objects.filter(state=InboundPayload.State.FAILED)[: MOST + 1].count()
    if not count:
        return None
    shown = str(count) if count <= MOST else f"{MOST}+"
    text = ngettext("%(n)s inbound payload failed.", "%(n)s inbound payloads failed.", count) % {"n": shown}
    return Look(text, list_of(InboundPayload, "state__exact=failed"), urgent=True)


def _routes() -> Iterable[Look | None]:
    """Channels that lead nowhere, to a queue that is off, or to nobody who fits."""
    lost = Channel.objects.filter(active=True).exclude(route__active=True)
    yield named(
        lost,
        lambda channel: _("“%(channel)s” leads nowhere: its customers would wait for nobody.") % {"channel": channel},
        lambda n: ngettext("%(n)d channel leads nowhere.", "%(n)d channels lead nowhere.", n) % {"n": n},
        list_of(Channel, "leads=nowhere"),
        urgent=True,
    )
    routes = InboundRoute.objects.filter(channel__active=True, active=True).select_related("queue", "channel")
    all_routes = list(routes.prefetch_related("needs__skill", SERVING))
    for route in all_routes:
        if not route.queue.active:
            text = _("“%(queue)s” is switched off, but a channel leads there.")
            yield Look(text % {"queue": route.queue}, page_of(route), urgent=True)
    weak = [route for route in all_routes if route.queue.active and route.needs.all() and not fitting(route)]
    yield named(
        weak,
        lambda route: (
            _("Nobody in “%(queue)s” has all the skills that “%(channel)s” needs.")
            % {"queue": route.queue, "channel": route.channel}
        ),
        lambda n: ngettext("%(n)d route fits no agent.", "%(n)d routes fit no agent.", n) % {"n": n},
        list_of(InboundRoute),
        urgent=True,
    )


def _queues() -> Iterable[Look | None]:
    queues = Queue.objects.filter(active=True)
    able = roles.agents().filter(memberships__active=True).values("memberships__queue")
    yield named(
        queues.exclude(pk__in=able),
        lambda queue: _("“%(queue)s” has no agents.") % {"queue": queue},
        lambda n: ngettext("%(n)d queue has no agents.", "%(n)d queues have no agents.", n) % {"n": n},
        list_of(Queue, "missing=members&active__exact=1"),
    )
    if not Skill.objects.exists():
        return
    skilled = UserSkill.objects.values("user__memberships__queue").filter(user__memberships__isnull=False)
    yield named(
        queues.filter(pk__in=able).exclude(pk__in=skilled),
        lambda queue: _("Nobody in “%(queue)s” has a skill.") % {"queue": queue},
        lambda n: (
            ngettext("%(n)d queue has nobody with a skill.", "%(n)d queues have nobody with a skill.", n) % {"n": n}
        ),
        list_of(Queue, "missing=skills&active__exact=1"),
    )
    asked = RouteNeed.objects.filter(route__channel__active=True, route__active=True).values("skill")
    yield named(
        Skill.objects.filter(pk__in=asked).exclude(users__is_active=True),
        lambda skill: _("A route asks for “%(skill)s”, which nobody has.") % {"skill": skill},
        lambda n: ngettext("%(n)d needed skill has nobody.", "%(n)d needed skills have nobody.", n) % {"n": n},
        list_of(Skill, "held=nobody"),
    )


def _people() -> Iterable[Look | None]:
    yield named(
        roles.agents().exclude(memberships__isnull=False),
        lambda agent: _("%(agent)s serves no queue.") % {"agent": agent},
        lambda n: ngettext("%(n)d agent serves no queue.", "%(n)d agents serve no queue.", n) % {"n": n},
        list_of(User, "role=agent&missing=queue&is_active__exact=1"),
    )
    yield named(
        User.objects.filter(NO_PASSWORD, is_active=True),
        lambda user: _("%(user)s has no password.") % {"user": user},
        lambda n: ngettext("%(n)d user has no password.", "%(n)d users have no password.", n) % {"n": n},
        list_of(User, "missing=password&is_active__exact=1"),
    )
    yield named(
        User.objects.filter(groups=None, is_active=True, is_superuser=False),
        lambda user: _("%(user)s has no role, so there is nothing to do for them.") % {"user": user},
        lambda n: ngettext("%(n)d user has no role.", "%(n)d users have no role.", n) % {"n": n},
        list_of(User, "role=none&is_active__exact=1"),
    )


def _messengers() -> Iterable[Look | None]:
    yield named(
        Channel.objects.filter(active=True, kind=WebMessenger.kind).exclude(deployments__active=True),
        lambda channel: _("“%(channel)s” has no deployment: nobody can reach it.") % {"channel": channel},
        lambda n: (
            ngettext("%(n)d web channel has no deployment.", "%(n)d web channels have no deployment.", n) % {"n": n}
        ),
        list_of(Channel, f"kind={WebMessenger.kind}"),
    )
    yield named(
        Deployment.objects.filter(active=True, configuration__published=None, channel__active=True),
        lambda row: _("“%(deployment)s” was never published.") % {"deployment": row},
        lambda n: (
            ngettext("%(n)d deployment was never published.", "%(n)d deployments were never published.", n) % {"n": n}
        ),
        list_of(Deployment, "active__exact=1"),
    )


def named(
    rows: QuerySet[Any] | list[Any],
    one: Callable[[Any], str],
    many: Callable[[int], str],
    link: str,
    *,
    urgent: bool = False,
) -> Look | None:
    """One row by its name, with its page; several by their number, with their list; none: nothing."""
    few = list(islice(rows if isinstance(rows, list) else rows[:2], 2))
    if not few:
        return None
    if len(few) == 1:
        return Look(one(few[0]), page_of(few[0]), urgent)
    return Look(many(len(rows) if isinstance(rows, list) else rows.count()), link, urgent)


def list_of(model: type[Model], query: str = "") -> str:
    """The admin's list of a kind, filtered."""
    options = model._meta  # noqa: SLF001 documented by Django in spite of its name
    url = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    return f"{url}?{query}" if query else url
