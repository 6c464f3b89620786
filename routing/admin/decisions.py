"""Why a conversation went to an agent: the stored decision, in a sentence and in full."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agents.admin.base import Record, link_to, moment
from agents.models import Skill, User
from routing.acd.explain import sentence
from routing.models import Decision


@admin.register(Decision)
class DecisionAdmin(Record):
    empty_text = _("Each time routing chooses an agent, what it compared is kept here.")
    id_fields: ClassVar[tuple[str, ...]] = ("routing_pass_id", "routing_pass__conversation_id", "chosen_id")
    list_display = ("shown_time", "chosen", "shown_queue", "method", "shown_conversation")
    list_filter = ("method",)
    list_select_related = ("chosen", "routing_pass__queue", "routing_pass__conversation")
    ordering = ("-id",)
    search_help_text = _("The id of a conversation or of an agent")
    fields = ("shown_sentence", "decided_at", "shown_queue", "shown_conversation", "method", "data")

    @display(description=_("time"))
    def shown_time(self, decision: Decision) -> str:
        return moment(decision.decided_at)

    @display(description=_("queue"))
    def shown_queue(self, decision: Decision) -> str:
        return str(decision.routing_pass.queue or "–")

    @display(description=_("conversation"))
    def shown_conversation(self, decision: Decision) -> str:
        return link_to(decision.routing_pass.conversation, str(_("Open")))

    @display(description=_("why"))
    def shown_sentence(self, decision: Decision) -> str:
        data: dict[str, Any] = decision.data
        stored = json.dumps(data)
        names = {str(user.pk): user.name for user in User.objects.filter(pk=decision.chosen_id)}
        skills = {str(skill.pk): skill.name for skill in Skill.objects.all() if str(skill.pk) in stored}
        return sentence(data, names, skills, gettext=gettext, ngettext=ngettext).text
