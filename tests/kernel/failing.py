"""Programs that fail in every way an error can be told of, with words in each place that must not leave the house.

`uvicorn tests.kernel.failing:web` serves them; `celery … --include=tests.kernel.failing` runs the task.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from celery import shared_task
from channels.generic.websocket import AsyncWebsocketConsumer
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from contactcenter.kernel import events

SAID = "my card is 4929 0000"  # what a customer writes
NAME = "Müller-Lüdenscheidt"
SECRET = "hunter2hunter2"
PRIVATE = (SAID, NAME, SECRET)
log = structlog.get_logger(__name__)


@csrf_exempt
def page(request: HttpRequest, secret: str) -> HttpResponse:
    """Fails with everything private at hand: body, cookie, header, path, variables, texts of two exceptions."""
    said, name = request.body.decode(), NAME
    try:
        raise KeyError(said)
    except KeyError as error:
        raise ValueError(f"{name} said {said} with {secret}") from error


@csrf_exempt
def refused(request: HttpRequest) -> HttpResponse:
    """No failure: somebody may not."""
    raise PermissionDenied


@csrf_exempt
def sink(request: HttpRequest) -> HttpResponse:
    """A sink after the commit fails, as one would that knows what was said."""

    def push(recorded: Sequence[events.Recorded]) -> None:
        raise RuntimeError(f"{NAME}: {SAID}")

    events.attach(after_commit=[push])
    events.announce([])
    return HttpResponse("committed")


@csrf_exempt
def careless(request: HttpRequest) -> HttpResponse:
    """A log line with values in it."""
    log.error("provider refused", error=f"{NAME}: {SAID}", token=SECRET, kind="fake", attempts=3)
    return HttpResponse("logged")


class Socket(AsyncWebsocketConsumer):
    """Fails at the first frame."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        raise LookupError(text_data)


@shared_task(name="kernel_test.fail")
def fail(said: str) -> None:
    """A task that fails with its argument."""
    raise ArithmeticError(said)


def __getattr__(name: str) -> Any:
    """`web`: the product's own application with these addresses beside its own."""
    if name != "web":
        raise AttributeError(name)
    import django
    from django.urls import path

    django.setup()
    from contactcenter import urls

    pages = {"page/<str:secret>/": page, "refused/": refused, "sink/": sink, "careless/": careless}
    urls.urlpatterns[:0] = [path(route, view) for route, view in pages.items()]
    from channels.routing import ProtocolTypeRouter, URLRouter

    from contactcenter.asgi import http

    return ProtocolTypeRouter({"http": http, "websocket": URLRouter([path("socket/", Socket.as_asgi())])})
