"""How the admin looks and what its side bar leads to: the setting UNFOLD. Imported by the settings, so it imports
nothing that needs them.
"""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


def _item(title: Any, icon: str, model: str) -> dict[str, Any]:
    app, _dot, name = model.partition(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
    }


Task = tuple[Any, str, str, Any]

#: what an admin comes for, by task: (heading, [(title, icon, model, what it is in a line)])
TASKS: tuple[tuple[Any, tuple[Task, ...]], ...] = (
    (
        _("Set up channels"),
        (
            (_("Channels"), "hub", "channels_app.channel", _("Where customers write")),
            (_("Messenger deployments"), "chat", "messenger.deployment", _("The web messenger on a site")),
            (
                _("Messenger configurations"),
                "palette",
                "messenger.messengerconfiguration",
                _("Its look and ways, draft and published"),
            ),
        ),
    ),
    (
        pgettext_lazy("side bar", "Route"),
        (
            (_("Queues"), "format_list_bulleted", "routing.queue", _("Lines of waiting conversations")),
            (_("Inbound routes"), "alt_route", "routing.inboundroute", _("Which channel leads where")),
            (_("Skills"), "psychology", "agents.skill", _("Languages, products, tasks")),
        ),
    ),
    (
        _("People"),
        (
            (_("Users"), "group", "agents.user", _("Agents, supervisors, admins")),
            (_("Teams"), "groups", "agents.team", _("Groups that a supervisor looks at")),
            (_("Utilization"), "speed", "agents.utilization", _("How much an agent has at once")),
        ),
    ),
    (
        _("Answer faster"),
        (
            (_("Canned responses"), "quickreply", "routing.cannedresponse", _("Texts that agents insert")),
            (
                _("Response libraries"),
                "library_books",
                "routing.responselibrary",
                _("Which queues have which answers"),
            ),
            (_("Wrap-up codes"), "task_alt", "routing.wrapupcode", _("How work ended")),
        ),
    ),
    (
        pgettext_lazy("side bar", "Watch"),
        (
            (_("Changes"), "manage_history", "admin.logentry", _("Who changed what here")),
            (_("Conversations"), "forum", "channels_app.conversation", _("Every thread with its messages")),
            (_("Contacts"), "contacts", "channels_app.contact", _("Customers and their addresses")),
            (_("Messages"), "sms", "channels_app.message", _("Everything that was said")),
            (_("Blocked visitors"), "block", "channels_app.block", _("Who may not write, and undo it")),
            (
                _("Inbound payloads"),
                "move_to_inbox",
                "channels_app.inboundpayload",
                _("What providers sent; replay failures"),
            ),
            (_("Routing decisions"), "rule", "routing.decision", _("Why an agent was chosen")),
            (_("Events"), "history", "reporting.eventrecord", _("The log behind all figures")),
        ),
    ),
)

# the accent of the desktop's tokens: 600 is its light value, 500 its dark one
_INDIGO = {
    "50": "#eef0fe",
    "100": "#e0e2fd",
    "200": "#c3c5fd",
    "300": "#a9abfb",
    "400": "#9899fa",
    "500": "#8b8cf8",
    "600": "#4338ca",
    "700": "#3730a3",
    "800": "#2e2a85",
    "900": "#23264a",
    "950": "#171a36",
}
_GREY = {
    "50": "#f8f9fb",
    "100": "#eef0f5",
    "200": "#e4e7ee",
    "300": "#cfd4df",
    "400": "#8c97aa",
    "500": "#667085",
    "600": "#4a5468",
    "700": "#333c4d",
    "800": "#232b38",
    "900": "#151a23",
    "950": "#0e1117",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Contact centre"),
    "SITE_HEADER": _("Contact centre"),
    "SITE_SUBHEADER": _("Administration"),
    "SITE_SYMBOL": "forum",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("design/mark.svg")}],
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": reverse_lazy("agents:language")},
    "BORDER_RADIUS": "8px",
    "COLORS": {"primary": _INDIGO, "base": _GREY},
    "DASHBOARD_CALLBACK": "contactcenter.admin_site.start_page",
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [{"title": _("Start"), "icon": "home", "link": reverse_lazy("admin:index")}],
            },
            *(
                {"title": heading, "items": [_item(title, icon, model) for title, icon, model, _line in tasks]}
                for heading, tasks in TASKS
            ),
        ],
    },
}
