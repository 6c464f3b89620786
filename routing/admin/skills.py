"""What routing adds to the pages of skills: that a skill is needed, so that it isn't deleted."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import ngettext, ngettext_lazy

from agents.admin.base import COUNTED, used_by
from agents.admin.skills import SkillAdmin
from agents.models import Skill
from routing.models import PassNeed, RouteNeed

_ROUTES = ngettext_lazy("%(n)d inbound route needs it: %(names)s", "%(n)d inbound routes need it: %(names)s", "n")


def needed(skill: Skill) -> list[str]:
    """By which routes, named after their channels, and by how many conversations; all of those aren't counted."""
    routes = RouteNeed.objects.filter(skill=skill).annotate(channel=F("route__channel__name")).order_by("channel")
    count = PassNeed.objects.filter(skill=skill)[: COUNTED + 1].count()
    shown = f"{COUNTED}+" if count > COUNTED else str(count)
    asked = ngettext("%(n)s conversation was routed by it", "%(n)s conversations were routed by it", count)
    return [
        *used_by(_ROUTES, routes.values_list("channel", flat=True)),
        *([asked % {"n": shown}] if count else []),
    ]


# agents can't import routing: what routing adds to the skills' pages, it hangs in here
SkillAdmin.uses = (*SkillAdmin.uses, needed)
