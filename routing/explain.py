"""Why an agent was offered a conversation, in one sentence for a supervisor."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext, ngettext

from agents.models import Skill, User
from routing.acd.explain import sentence
from routing.acd.values import from_json
from routing.models import Decision, Offer


def why(offer: Offer) -> str:
    """The sentence, rendered from what was stored when it was decided, with today's names.

    Two queries beside `offer.decision`. An offer that nobody decided on (picked, transferred) says so.
    """
    try:
        stored = offer.decision.data
    except Decision.DoesNotExist:
        return _by_a_person(offer)
    decision = from_json(stored)
    agents = {decision.agent_id or "", *(one.agent_id for one in decision.considered)} - {""}
    names = dict(User.objects.filter(id__in=agents).values_list("id", "name"))
    skills = dict(Skill.objects.filter(id__in=[need.skill_id for need in decision.needs]).values_list("id", "name"))
    return str(sentence(stored, _by_text(names), _by_text(skills), gettext=gettext, ngettext=ngettext))


def _by_text(names: dict[uuid.UUID, str]) -> dict[str, str]:
    return {str(key): name for key, name in names.items()}


def _by_a_person(offer: Offer) -> str:
    if offer.kind == Offer.Kind.PICK:
        return gettext("Picked by %(agent)s.") % {"agent": offer.agent}
    if offer.by is None:
        return gettext("Given to %(agent)s.") % {"agent": offer.agent}
    return gettext("Given to %(agent)s by %(by)s.") % {"agent": offer.agent, "by": offer.by}
