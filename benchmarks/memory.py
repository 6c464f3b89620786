"""What the whole product takes with the demo company in it: the sum of PSS (pages that processes share are counted in
part) of all its processes, the stores' and the supervisor's too.

The most while the past week is made, and afterwards, once each page was drawn some times. The limit beside it is this
process, which has loaded the product and does nothing: how many of such the product is worth.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import httpx
from django.conf import settings

from agents.models import User
from agents.roles import Role
from benchmarks import world
from benchmarks.figures import Aim, Figure, Outcome
from benchmarks.machine import ROOT, parent, pss_kib_with_children
from channels_app.messenger.models import Deployment
from contactcenter.up.child import spawn

MIB = 1024
MOST = Aim(800, at_least=False)
SETTLE_SECONDS = 5
PAGES = {
    Role.AGENT: ("/desk/",),
    Role.SUPERVISOR: ("/reporting/", "/reporting/agents/", "/reporting/interactions/"),
    Role.ADMIN: ("/admin/", "/admin/agents/user/", "/admin/routing/queue/"),
}


def run(*, pids: dict[str, int], conversations: int | None = None, days: int = 7, pages: int = 20) -> Outcome:
    # of what the supervisor starts, each by its name; the supervisor is what is left
    product = pids | {"supervisor": parent(pids["web"])}
    empty = pss_kib_with_children(product)
    made = _make_demo(product, conversations, days)
    _draw(pages)
    time.sleep(SETTLE_SECONDS)
    used = pss_kib_with_children(product)
    limit = sum(pss_kib_with_children({"self": os.getpid()}).values()) / MIB
    own: dict[str, Any] = {"benchmark": "memory", "unit": "MiB", "limit": limit, "limit_name": "one loaded process"}
    gone = len(set(empty) - set(used))
    return Outcome(
        [
            Figure(name="whole product, most while the demo is made", value=_mib(made), aim=MOST, **own),
            Figure(name="whole product, demo made and used", value=_mib(used), aim=MOST, note=_shares(used), **own),
            Figure(benchmark="memory", name="programs gone meanwhile", value=gone, unit="", aim=Aim(0, at_least=False)),
        ],
        {"MiB": {"empty": _each(empty), "demo is made": _each(made), "demo used": _each(used)}},
    )  # fmt: skip


def _make_demo(product: dict[str, int], conversations: int | None, days: int) -> dict[str, float]:
    """Make the company and its week as a start does; gives the most that was seen, with the command itself."""
    asked = [f"--days={days}", *([] if conversations is None else [f"--conversations={conversations}"])]
    command, environ = [sys.executable, "manage.py", "demo", *asked], os.environ | {"CC_PROCESS": "command"}
    making = spawn(command, log=sys.stderr.fileno(), env=environ, cwd=ROOT)  # it ends with this process
    most: dict[str, float] = {}
    while making.poll() is None:
        now = pss_kib_with_children(product | {"demo": making.pid})
        most = max(most, now, key=_mib)
        time.sleep(0.5)
    assert making.returncode == 0, "the demo wasn't made"
    return most


def _draw(times: int) -> None:
    """What people look at first, by role, and visitors."""
    messenger = f"/messenger/{Deployment.objects.all()[0].id}/"
    for role, paths in PAGES.items():
        (cookie,) = world.logins([User.objects.filter(groups__name=role)[0]])
        with httpx.Client(base_url=settings.BASE_URL, headers={"Cookie": cookie}) as client:
            for path in (*paths, messenger):
                for _ in range(times):
                    client.get(path).raise_for_status()


def _mib(used: dict[str, float]) -> float:
    return sum(used.values()) / MIB


def _each(used: dict[str, float]) -> dict[str, int]:
    return {name: round(kib / MIB) for name, kib in used.items()}


def _shares(used: dict[str, float]) -> str:
    return ", ".join(f"{name} {mib} MiB" for name, mib in sorted(_each(used).items(), key=lambda item: -item[1]))
