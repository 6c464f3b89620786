"""The table of adapters: kind to dotted path, loaded when used. A new channel is one line here and one folder."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from django.utils.translation import gettext

from channels_app.adapters.base import Adapter
from contactcenter.kernel.errors import NotFound

ADAPTERS = {
    "webmessaging": "channels_app.messenger.adapter.WebMessenger",
    "fake": "channels_app.adapters.fake.FakeProvider",
}


@cache
def adapter_for(kind: str) -> Adapter:
    """The adapter of a channel kind. :raises NotFound: no such kind."""
    try:
        module, _, name = ADAPTERS[kind].rpartition(".")
    except KeyError:
        raise NotFound(f"There is no channel kind {kind!r}.") from None
    found: Adapter = getattr(import_module(module), name)()
    return found


def choices() -> list[tuple[str, str]]:
    """Kinds and labels for the admin's form."""
    return [(kind, gettext(adapter_for(kind).label)) for kind in ADAPTERS]
