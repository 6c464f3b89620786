"""The admin's start page: what is still missing for a working set-up, and the index by task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from agents import roles
from agents.admin.base import page_of
from agents.models import Skill, User
from channels_app.models import Channel, Deployment, InboundPayload
from channels_app.models.channel import WEB
from contactcenter.unfold import LOOK, SET_UP
from routing.admin.routes import fitting_members
from routing.models import InboundRoute, Queue


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a working set-up has. `problems`: what is wrong with what is there."""

    title: str
    why: str
    done: bool
    link: str
    action: str
    optional: bool = False
    problems: Sequence[tuple[str, str]] = ()

    @property
    def complete(self) -> bool:
        return self.done and not self.problems


def login(request: HttpRequest) -> HttpResponse:
    """The admin has no log-in page of its own; who is logged in without the role is told so."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.GET.get("next", reverse("admin:index")))
    if not request.user.is_staff:
        raise PermissionDenied(_("Only admins may open this."))
    return HttpResponseRedirect(reverse("admin:index"))


def start_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What `templates/admin/index.html` shows."""
    steps = get_steps()
    required = [step for step in steps if not step.optional]
    return context | {
        "title": _("Start"),
        "steps": steps,
        "next_step": next((step for step in required if not step.complete), None),
        "steps_done": sum(step.complete for step in required),
        "steps_required": len(required),
        "warnings": get_warnings(),
        "tasks": [(_("Set up"), _links(SET_UP)), (pgettext("side bar", "Look"), _links(LOOK))],
    }


def get_steps() -> list[Step]:
    """From nothing to the first conversation, in the order in which it is easiest."""
    return [_skills(), _queues(), _agents(), _channels(), _deployments(), _routes()]


def get_warnings() -> list[tuple[str, str]]:
    """What went wrong since: (sentence, link)."""
    found = [
        (_("“%(channel)s” fails: %(note)s") % {"channel": row, "note": row.health_note or "–"}, page_of(row))
        for row in Channel.objects.filter(active=True, health=Channel.Health.FAILING)
    ]
    failed = InboundPayload.objects.filter(state=InboundPayload.State.FAILED)[:100].count()
    if failed:
        text = ngettext("%(n)d inbound payload failed.", "%(n)d inbound payloads failed.", failed) % {"n": failed}
        found.append((text, _list("channels_app", "inboundpayload") + "?state__exact=failed"))
    return found


def _skills() -> Step:
    return Step(
        title=_("Skills"),
        why=_("Languages, products and tasks. Routing sends a conversation to somebody who has what it needs."),
        done=Skill.objects.exists(),
        link=_add("agents", "skill"),
        action=_("Add a skill"),
        optional=True,
    )


def _queues() -> Step:
    return Step(
        title=_("A queue"),
        why=_("A line where conversations wait for an agent."),
        done=Queue.objects.filter(active=True).exists(),
        link=_add("routing", "queue"),
        action=_("Add a queue"),
    )


def _agents() -> Step:
    """Agents who can log in and serve a queue, and every queue served by one."""
    working = roles.agents()
    serving = Count("memberships__user", filter=Q(memberships__user__in=working, memberships__active=True))
    empty = Queue.objects.filter(active=True).annotate(size=serving).filter(size=0)
    problems = [(_("“%(queue)s” has no agents.") % {"queue": row}, page_of(row)) for row in empty]
    idle = working.exclude(memberships__isnull=False)[:10]
    problems += [(_("%(agent)s serves no queue.") % {"agent": row}, page_of(row)) for row in idle]
    problems += [(_("%(user)s has no password.") % {"user": row}, page_of(row)) for row in _without_password()]
    return Step(
        title=_("Agents"),
        why=_("People who answer: a log-in, their skills, the queues that they serve."),
        done=working.exists(),
        link=_add("agents", "user"),
        action=_("Add an agent"),
        problems=problems if working.exists() else (),
    )


def _without_password() -> Sequence[User]:
    unusable = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return User.objects.filter(unusable, is_active=True)[:10]


def _channels() -> Step:
    return Step(
        title=_("A channel"),
        why=_("Where customers write: the web messenger, or an account at a provider."),
        done=Channel.objects.filter(active=True).exists(),
        link=_add("channels_app", "channel"),
        action=_("Add a channel"),
    )


def _deployments() -> Step:
    """Needed by web messengers only."""
    web = Channel.objects.filter(active=True, kind=WEB)
    live = Deployment.objects.filter(active=True, configuration__published__isnull=False)
    problems = [
        (_("“%(channel)s” has no deployment: nobody can reach it.") % {"channel": row}, page_of(row))
        for row in web.exclude(deployments__active=True)
    ]
    problems += [
        (_("“%(deployment)s” was never published.") % {"deployment": row}, page_of(row))
        for row in Deployment.objects.filter(active=True, configuration__published=None, channel__active=True)
    ]
    needed = web.exists() or not Channel.objects.filter(active=True).exists()
    return Step(
        title=_("A messenger deployment"),
        why=_("The messenger on a site or a hosted page, with its texts and colours."),
        done=live.exists() or not needed,
        link=_add("channels_app", "deployment"),
        action=_("Add a deployment"),
        problems=problems if web.exists() else (),
    )


def _routes() -> Step:
    """Every channel leads to a queue that somebody fitting serves."""
    routes = InboundRoute.objects.filter(channel__active=True)
    lost = [
        (_("“%(channel)s” leads nowhere: its customers would wait for nobody.") % {"channel": row}, _route_for(row))
        for row in Channel.objects.filter(active=True, route=None)
    ]
    weak = [
        (text % {"queue": route.queue}, page_of(route))
        for route in routes.select_related("queue").prefetch_related("needs")
        if (text := _weakness(route))
    ]
    return Step(
        title=_("A route"),
        why=_("Which queue a channel leads to, and what its agents must have."),
        done=routes.exists(),
        link=_add("routing", "inboundroute"),
        action=_("Add a route"),
        problems=[*lost, *weak] if routes.exists() else (),
    )


def _weakness(route: InboundRoute) -> str:
    if not route.queue.active:
        return _("“%(queue)s” is switched off, but a channel leads there.")
    if route.needs.all() and not fitting_members(route).exists():
        return _("Nobody in “%(queue)s” has all the skills that its route needs.")
    return ""


def _route_for(channel: Channel) -> str:
    return f"{_add('routing', 'inboundroute')}?channel={channel.pk}"


def _add(app: str, model: str) -> str:
    return reverse(f"admin:{app}_{model}_add")


def _list(app: str, model: str) -> str:
    return reverse(f"admin:{app}_{model}_changelist")


def _links(tasks: Sequence[tuple[Any, str, str, Any]]) -> list[dict[str, Any]]:
    return [
        {"title": title, "icon": icon, "line": line, "link": _list(*model.split("."))}
        for title, icon, model, line in tasks
    ]
