"""Processes killed and Redis gone under live traffic: nothing acknowledged is lost, nothing is doubled.

Each test proves that its fault happened. Run them by `make faults`.
"""

from __future__ import annotations

import json
import os
import time
import urllib.request
import uuid
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL

import pytest
from websockets.sync.client import connect

from channels_app.messenger.models import Deployment
from channels_app.models import Conversation
from contactcenter.kernel import clock
from routing.models import RoutingPass
from tests.faults.conftest import Store, Traffic
from tests.faults.desk import Watcher
from tests.faults.oracle import check
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


def somebody_new_is_routed(floor: Product) -> None:
    """All workers do their part again: a first message is waiting in its queue within seconds."""
    before = set(RoutingPass.objects.values_list("id", flat=True))
    deployment = Deployment.objects.first()
    assert deployment is not None
    address = f"ws://127.0.0.1:{floor.port}/v1?deploymentId={deployment.id}"
    with connect(address) as socket:
        token = str(uuid.uuid4())
        for frame in (
            {"action": "configureSession", "token": token, "deploymentId": str(deployment.id)},
            {"action": "onMessage", "token": token, "message": {"type": "Text", "text": "Is anybody there?"}},
        ):
            socket.send(json.dumps(frame))
            assert json.loads(socket.recv(timeout=5))["code"] == 200
    fresh = RoutingPass.objects.exclude(id__in=before)
    eventually(fresh.exists, seconds=10, message="a new conversation isn't routed")


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
        eventually(lambda: watcher.sits, seconds=20)
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
    workers = {name: floor.worker(name) for name in ("worker-routing", "worker-timers", "worker-outbound", "beat")}
    killed = floor.worker(worker)
    os.killpg(killed, SIGKILL)
    eventually(lambda: floor.worker(worker) != killed, message="its parent starts it again")
    watch_for(4, watcher)
    untouched = workers.keys() - {worker}
    assert {name: floor.worker(name) for name in untouched} == {name: workers[name] for name in untouched}
    entries, _ = traffic.finish()
    check(entries, watcher)
    somebody_new_is_routed(floor)


def test_the_workers_parent_is_killed_and_all_of_them_with_it(
    floor: Product, traffic: Traffic, watcher: Watcher
) -> None:
    watch_for(3, watcher)
    before = {name: floor.worker(name) for name in ("worker-routing", "worker-outbound", "worker-timers", "beat")}
    process = floor.processes["workers"]
    floor.kill("workers")
    assert process.returncode == -9
    eventually(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in before.values()), message="orphans")
    watch_for(2, watcher)
    floor.start("workers")
    watch_for(2, watcher)
    entries, _ = traffic.finish()
    check(entries, watcher)
    somebody_new_is_routed(floor)


def test_redis_is_flushed_again_and_again(floor: Product, traffic: Traffic, watcher: Watcher, store: Store) -> None:
    client = store.client()
    for _ in range(4):
        watch_for(2, watcher)
        client.set("canary", "1")
        client.flushall()
        assert client.get("canary") is None
        assert client.dbsize() < 20
    entries, last = traffic.finish()
    assert "cut 0 " in last, "no socket was cut by it"
    check(entries, watcher)
    somebody_new_is_routed(floor)


def test_redis_is_down_for_five_seconds(floor: Product, traffic: Traffic, watcher: Watcher, store: Store) -> None:
    watch_for(3, watcher)
    store.kill()
    assert readiness(floor)["status"] == "degraded"
    watch_for(DOWN, watcher)
    assert not store.valkey.answers()
    said_meanwhile = Conversation.objects.filter(last_inbound_at__gt=clock.now() - timedelta(seconds=DOWN - 1))
    assert said_meanwhile.exists(), "messages were taken while it was down"
    store.start()
    eventually(lambda: readiness(floor)["status"] == "ok", seconds=10)
    watch_for(2, watcher)
    entries, last = traffic.finish()
    assert "cut 0 " in last, "sockets stay"
    check(entries, watcher)
    somebody_new_is_routed(floor)
