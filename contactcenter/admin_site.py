"""The admin's start page: what is still missing for a working set-up, and the index by task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents import roles
from agents.admin.base import page_of
from agents.admin.people import NO_PASSWORD
from agents.models import Skill, User
from channels_app.messenger.adapter import WebMessenger
from channels_app.messenger.models import Deployment
from channels_app.models import Channel
from contactcenter.admin_overview import get_failures, get_looks, get_switched_off, list_of
from contactcenter.unfold import TASKS
from routing.admin.routes import SERVING, fitting
from routing.models import InboundRoute, Queue

SHOWN = 3


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
    """What `templates/admin/index.html` shows: the steps while one is missing, then what needs a look."""
    steps = get_steps()
    required = [step for step in steps if not step.optional]
    missing = not all(step.done for step in required)
    return context | {
        "title": _("Start"),
        "missing": missing,
        "steps": steps,
        "next_step": next((step for step in required if not step.complete), None),
        "steps_done": sum(step.complete for step in required),
        "steps_required": len(required),
        "looks": get_failures() if missing else get_looks(),
        "switched_off": get_switched_off(),
        "tasks": [(heading, _links(tasks)) for heading, tasks in TASKS],
    }


def get_steps() -> list[Step]:
    """From nothing to the first conversation, in the order in which it is easiest."""
    return [_skills(), _queues(), _agents(), _channels(), _deployments(), _routes()]


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
    idle = working.exclude(memberships__isnull=False)
    problems = [
        *_few(empty, lambda row: _("“%(queue)s” has no agents.") % {"queue": row}, list_of(Queue, "missing=members")),
        *_few(
            idle,
            lambda row: _("%(agent)s serves no queue.") % {"agent": row},
            list_of(User, "role=agent&missing=queue&is_active__exact=1"),
        ),
        *_few(
            User.objects.filter(NO_PASSWORD, is_active=True),
            lambda row: _("%(user)s has no password.") % {"user": row},
            list_of(User, "missing=password&is_active__exact=1"),
        ),
    ]
    return Step(
        title=_("Agents"),
        why=_("People who answer: a log-in, their skills, the queues that they serve."),
        done=working.exists(),
        link=_add("agents", "user"),
        action=_("Add an agent"),
        problems=problems if working.exists() else (),
    )


def _few(rows: QuerySet[Any], text: Callable[[Any], str], link: str) -> list[tuple[str, str]]:
    """The first three by name, then how many more, with their list."""
    found = [(text(row), page_of(row)) for row in rows[:SHOWN]]
    more = rows.count() - SHOWN if len(found) == SHOWN else 0
    if more > 0:
        found.append((ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more}, link))
    return found


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
    web = Channel.objects.filter(active=True, kind=WebMessenger.kind)
    live = Deployment.objects.filter(active=True, configuration__published__isnull=False)
    lost = web.exclude(deployments__active=True)
    drafts = Deployment.objects.filter(active=True, configuration__published=None, channel__active=True)
    problems = [
        *_few(
            lost,
            lambda row: _("“%(channel)s” has no deployment: nobody can reach it.") % {"channel": row},
            list_of(Channel, f"kind={WebMessenger.kind}"),
        ),
        *_few(
            drafts,
            lambda row: _("“%(deployment)s” was never published.") % {"deployment": row},
            list_of(Deployment, "active__exact=1"),
        ),
    ]
    needed = web.exists() or not Channel.objects.filter(active=True).exists()
    return Step(
        title=_("A messenger deployment"),
        why=_("The messenger on a site or a hosted page, with its texts and colours."),
        done=live.exists() or not needed,
        link=_add("messenger", "deployment"),
        action=_("Add a deployment"),
        problems=problems if web.exists() else (),
    )


def _routes() -> Step:
    """Every channel leads to a queue that somebody fitting serves."""
    routes = InboundRoute.objects.filter(channel__active=True, active=True).select_related("queue")
    text = _("“%(channel)s” leads nowhere: its customers would wait for nobody.")
    lost = Channel.objects.filter(active=True).exclude(route__active=True)
    found = [(text % {"channel": row}, _route_for(row)) for row in lost[:SHOWN]]
    if (more := lost.count() - SHOWN) > 0:
        said = ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more}
        found.append((said, list_of(Channel, "leads=nowhere")))
    every = routes.prefetch_related("needs", SERVING)
    weak = [(said % {"queue": route.queue}, page_of(route)) for route in every if (said := _weakness(route))]
    return Step(
        title=_("A route"),
        why=_("Which queue a channel leads to, and what its agents must have."),
        done=routes.exists(),
        link=_add("routing", "inboundroute"),
        action=_("Add a route"),
        problems=[*found, *weak[: SHOWN * 2]] if routes.exists() else (),
    )


def _weakness(route: InboundRoute) -> str:
    if not route.queue.active:
        return _("“%(queue)s” is switched off, but a channel leads there.")
    if route.needs.all() and not fitting(route):
        return _("Nobody in “%(queue)s” has all the skills that its route needs.")
    return ""


def _route_for(channel: Channel) -> str:
    route = InboundRoute.objects.filter(channel=channel).first()
    return page_of(route) if route else f"{_add('routing', 'inboundroute')}?channel={channel.pk}"


def _add(app: str, model: str) -> str:
    return reverse(f"admin:{app}_{model}_add")


def _links(tasks: Sequence[tuple[Any, str, str, Any]]) -> list[dict[str, Any]]:
    return [
        {"title": title, "icon": icon, "line": line, "link": reverse(f"admin:{model.replace('.', '_')}_changelist")}
        for title, icon, model, line in tasks
    ]
