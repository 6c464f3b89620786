"""Which kinds of channels there are: a folder beside this file is one, by its name, loaded when it is used.

`adapters/<kind>/adapter.py` has a class `Provider`. The web messenger, which is more than an adapter, stands elsewhere.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from channels_app.adapters.base import Adapter
from contactcenter.kernel.errors import NotFound

ELSEWHERE = {"webmessaging": "channels_app.messenger.adapter"}


@cache
def kinds() -> tuple[str, ...]:
    """All kinds, the messenger first, then by name."""
    folders = sorted(path.parent.name for path in Path(__file__).parent.glob("*/adapter.py"))
    return (*ELSEWHERE, *folders)


@cache
def adapter_for(kind: str) -> Adapter[Any]:
    """The adapter of a channel kind. :raises NotFound: no such kind."""
    if kind not in kinds():
        raise NotFound(f"There is no channel kind {kind!r}.")
    module = import_module(ELSEWHERE.get(kind) or f"channels_app.adapters.{kind}.adapter")
    found: Adapter[Any] = module.Provider()
    if found.kind != kind:
        raise TypeError(f"the adapter in {module.__name__} says that it is {found.kind!r}")
    return found


def choices() -> list[tuple[str, str]]:
    """Kinds and labels for the admin's form, without those for tests only."""
    offered = (adapter_for(kind) for kind in kinds())
    return [(adapter.kind, gettext(adapter.label)) for adapter in offered if not adapter.for_tests]
