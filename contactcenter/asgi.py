"""The web process: HTTP and sockets."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
os.environ.setdefault("CC_PROCESS", "web")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

from channels_app.messenger.consumers import GuestConsumer

# The guest socket checks the origin itself, against its deployment's allowed domains.
sockets = URLRouter(
    [
        path("v1", GuestConsumer.as_asgi()),
    ]
)
application = ProtocolTypeRouter({"http": http, "websocket": sockets})
