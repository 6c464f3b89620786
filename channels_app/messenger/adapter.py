"""The web messenger as a channel: its customers hold a socket, so nothing is sent by us and no webhook comes."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_noop

from channels_app.adapters.base import Account, Adapter, Capabilities, Settings
from channels_app.adapters.http import Http
from channels_app.adapters.values import Outgoing, Part, Sent


class WebMessenger(Adapter[Settings]):
    """Stored messages count as sent: the messenger is pushed them, or fetches them when it comes back."""

    kind = "webmessaging"
    label = gettext_noop("Web messenger")
    color, icon = "web", "globe"
    settings = Settings
    capabilities = Capabilities(
        content=frozenset(
            {"attachment", "quick_replies", "card", "carousel", "date_picker", "list_picker", "form", "location"}
        ),
        client_fetches=True,
        sessions=True,
        markdown=True,
    )

    def render(self, message: Outgoing, account: Account[Settings]) -> Sequence[Part]:
        return ()

    def send(self, part: Part, message: Outgoing, account: Account[Settings], http: Http, *, key: str) -> Sent:
        raise NotImplementedError("the client fetches")


Provider = WebMessenger
