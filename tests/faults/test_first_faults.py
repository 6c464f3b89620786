"""Processes killed and Redis gone under live traffic: nothing acknowledged is lost, nothing is doubled.

Each test proves that its fault happened. Run them by `make faults`.
"""

from __future__ import annotations

import json
import time
import urllib.request
from datetime import timedelta

import pytest

from channels_app.models import Conversation
from contactcenter.kernel import clock
from tests.faults.conftest import Store, Traffic
from tests.faults.desk import Watcher
from tests.faults.oracle import check, worked_after
from tests.product import Product, eventually

pytestmark = pytest.mark.timeout(240)
DOWN = 5  # seconds
SUPERVISOR_NEEDS = 0.3  # seconds until a program that died is started again


def watch_for(seconds: float, watcher: Watcher) -> None:
    """Let the traffic flow, with every conversation on the watching desk."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        watcher.watch({str(pk) for pk in Conversation.objects.values_list("id", flat=True)})
        time.sleep(0.25)


def readiness(floor: Product) -> dict[str, str]:
    with urllib.request.urlopen(f"{floor.url}/readyz", timeout=5) as answer:
        found: dict[str, str] = json.load(answer)
    return found


def test_without_a_fault_the_oracle_holds(floor: Product, traffic: Traffic, watcher: Watcher) -> None:
    watch_for(5, watcher)
    entries, last = traffic.finish()
    assert "unacknowledged 0 " in last
    assert "cut 0 " in last
    check(entries, watcher)
    assert entries.received, "agents answered"


def test_the_web_process_is_killed_three_times(floor: Product, traffic: Traffic, watcher: Watcher) -> None:
    died = []
    for _ in range(3):
        watch_for(3, watcher)
        process = floor.processes["web"]
        floor.kill("web")
        died.append(process.returncode)
        time.sleep(SUPERVISOR_NEEDS)
        floor.start("web")
        floor.ready()
    watch_for(2, watcher)
    entries, last = traffic.finish()
    assert died == [-9, -9, -9]
    assert watcher.cuts >= 3, "the watching desk was cut each time"
    assert "cut 0 " not in last
    check(entries, watcher)


@pytest.mark.parametrize("worker", ["worker-routing", "worker-timers", "worker-outbound", "worker-reports", "beat"])
def test_a_worker_is_killed(floor: Product, traffic: Traffic, watcher: Watcher, worker: str) -> None:
    watch_for(3, watcher)
    process = floor.processes[worker]
    floor.kill(worker)
    assert process.returncode == -9
    watch_for(2, watcher)
    floor.start(worker)
    back = clock.now()
    eventually(lambda: worked_after(back), seconds=20, message="nothing was routed after the worker came back")
    watch_for(2, watcher)
    entries, _ = traffic.finish()
    check(entries, watcher)


def test_redis_is_flushed_again_and_again(floor: Product, traffic: Traffic, watcher: Watcher, store: Store) -> None:
    client = store.client()
    for _ in range(4):
        watch_for(2, watcher)
        client.set("canary", "1")
        client.flushall()
        assert client.get("canary") is None
        assert client.dbsize() < 20
    back = clock.now()
    eventually(lambda: worked_after(back), seconds=20, message="nothing was routed after the flush")
    entries, last = traffic.finish()
    assert "cut 0 " in last, "no socket was cut by it"
    check(entries, watcher)


def test_redis_is_down_for_five_seconds(floor: Product, traffic: Traffic, watcher: Watcher, store: Store) -> None:
    watch_for(3, watcher)
    store.kill()
    assert readiness(floor)["status"] == "degraded"
    watch_for(DOWN, watcher)
    assert not store.valkey.answers()
    said_meanwhile = Conversation.objects.filter(last_inbound_at__gt=clock.now() - timedelta(seconds=DOWN - 1))
    assert said_meanwhile.exists(), "messages were taken while it was down"
    store.start()
    back = clock.now()
    eventually(lambda: readiness(floor)["status"] == "ok", seconds=10)
    eventually(lambda: worked_after(back), seconds=20, message="nothing was routed after Redis came back")
    watch_for(2, watcher)
    entries, last = traffic.finish()
    assert "cut 0 " in last, "sockets stay"
    check(entries, watcher)
