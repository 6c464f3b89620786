"""What routing adds to the pages of users: their queues, by the hundred."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget

from agents.actions.changes import Outcome
from agents.admin.bulk import Bulk, Given
from agents.admin.people import LackFilter
from agents.admin.users import UserAdmin
from agents.models import User
from routing.actions.membership import do_add_members, do_remove_members
from routing.models import Queue


class QueueForm(forms.Form):
    """Which queue."""

    queue = forms.ModelChoiceField(label=_("Queue"), queryset=Queue.objects.all(), widget=UnfoldAdminSelectWidget)


def _add(by: User, keys: list[Any], given: Given) -> Outcome:
    return do_add_members(by.pk, keys, given["queue"])


def _remove(by: User, keys: list[Any], given: Given) -> Outcome:
    return do_remove_members(by.pk, keys, given["queue"])


BULKS = (
    Bulk(
        "add_to_queue",
        _("Add to a queue"),
        _("Its conversations are offered to them from now on."),
        _add,
        QueueForm,
    ),
    Bulk(
        "remove_from_queue",
        _("Remove from a queue"),
        _("They get none of its new conversations. What they have in hand stays with them."),
        _remove,
        QueueForm,
        danger=True,
    ),
)

# agents can't import routing: what routing adds to the users' pages, it hangs in here
UserAdmin.bulks = (*BULKS, *UserAdmin.bulks)
UserAdmin.list_filter = (
    *UserAdmin.list_filter[:3],
    ("queues", RelatedDropdownFilter),
    *UserAdmin.list_filter[3:],
)
LackFilter.lacks["queue"] = (_("No queue"), Q(memberships=None))
