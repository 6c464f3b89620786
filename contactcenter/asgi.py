"""The web process: HTTP and sockets."""

from __future__ import annotations

import gc
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
os.environ.setdefault("CC_PROCESS", "web")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import get_resolver, path

from agents.desktop.consumers import DeskConsumer
from channels_app.messenger.socket.consumers import GuestConsumer
from contactcenter.kernel.metrics import counted
from reporting.consumers import SupervisorConsumer


def _of_people(consumer: Any) -> Any:
    return AllowedHostsOriginValidator(AuthMiddlewareStack(consumer))


# The guest socket checks the origin itself, against its deployment's allowed domains.
sockets = URLRouter(
    [
        path("v1", counted("guest", GuestConsumer.as_asgi())),
        path("ws/desk/", _of_people(counted("desk", DeskConsumer.as_asgi()))),
        path("ws/reporting/", _of_people(counted("supervisor", SupervisorConsumer.as_asgi()))),
    ]
)
application = ProtocolTypeRouter({"http": http, "websocket": sockets})

# A full collection stops the process for 100 ms (measured), nearly all of it for what is loaded once and stays.
get_resolver().url_patterns  # noqa: B018 loads the views
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 10, 10)  # drawing a thread makes tens of thousands of objects that die young: 4 ms of it
