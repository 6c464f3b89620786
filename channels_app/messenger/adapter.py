"""The web messenger as a channel: its customers hold a socket, so nothing is sent by us and no webhook comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_noop

from channels_app.adapters.base import (
    Adapter,
    BadSignature,
    Capabilities,
    Inbound,
    Outgoing,
    Sent,
    WebhookRequest,
)


class WebMessenger(Adapter):
    """Stored messages count as sent: the messenger is pushed them, or fetches them when it comes back."""

    kind = "webmessaging"
    label = gettext_noop("Web messenger")
    color, icon = "web", "globe"
    capabilities = Capabilities(
        content=frozenset(
            {"attachment", "quick_replies", "card", "carousel", "date_picker", "list_picker", "form", "location"}
        ),
        client_fetches=True,
        sessions=True,
        markdown=True,
    )

    def verify(self, request: WebhookRequest, secrets: Mapping[str, str]) -> None:
        raise BadSignature

    def parse(self, request: WebhookRequest) -> Sequence[Inbound]:
        return ()

    def send(self, message: Outgoing, secrets: Mapping[str, str]) -> Sent:
        return Sent()
