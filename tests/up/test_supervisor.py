"""The supervisor with small programs of the test's own."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contactcenter.up.config import UpError
from contactcenter.up.logs import Logs
from contactcenter.up.policy import RestartPolicy
from contactcenter.up.programs import BROKER, DATABASE, SERVICE, Program
from contactcenter.up.supervisor import Interrupted, Supervisor

FAST = RestartPolicy(first_delay=0.01, longest_delay=0.02)
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    with Supervisor(Logs(tmp_path / "log"), FAST, say=said.append) as supervisor:
        yield supervisor


def python(name: str, code: str, **options: object) -> Program:
    return Program(name, (sys.executable, "-c", code), **options)  # type: ignore[arg-type]


def sleeper(name: str = "sleeper", **options: object) -> Program:
    return Program(name, ("sleep", "60"), **options)  # type: ignore[arg-type]


def gone(pid: int) -> bool:
    """A zombie counts as gone: only its parent can remove it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_killed_program_comes_back(supervisor: Supervisor, said: list[str]) -> None:
    child = supervisor.start(sleeper())
    first = child.process
    assert first is not None
    first.kill()
    supervisor.wait_until(lambda: child.process is not None and child.process is not first, seconds=10, what="sleeper")
    assert said == ["sleeper was killed by SIGKILL; it starts again in 0.0 s"]


def test_a_living_program_is_left_alone(supervisor: Supervisor, said: list[str]) -> None:
    child = supervisor.start(sleeper())
    first = child.process
    assert not supervisor.wait_for(lambda: child.process is not first, seconds=0.2)
    assert said == []


def test_a_program_that_keeps_dying_ends_all_with_its_last_lines(supervisor: Supervisor) -> None:
    bystander = supervisor.start(sleeper()).process
    supervisor.start(python("broken", "print('no such table', flush=True); raise SystemExit(3)"))
    with pytest.raises(UpError, match=r"(?s)broken died 5 times.*ended with code 3.*no such table"):
        supervisor.watch()
    supervisor.__exit__()
    assert bystander is not None
    assert bystander.returncode is not None
    supervisor.__enter__()


def test_a_command_that_succeeds_is_not_started_again(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.run(python("once", "print('done')", once=True), seconds=10)
    supervisor.wait_for(lambda: False, seconds=0.1)
    assert (tmp_path / "log" / "once.log").read_text() == "done\n"


def test_a_command_that_fails_says_how(supervisor: Supervisor) -> None:
    with pytest.raises(UpError, match=r"(?s)once ended with code 1.*ValueError: bad"):
        supervisor.run(python("once", "raise ValueError('bad')", once=True), seconds=10)


def test_a_command_in_the_background_that_fails_stops_nothing(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(python("demo", "raise ValueError('bad')", once=True))
    supervisor.wait_until(lambda: bool(said), seconds=10, what="demo")
    assert "ValueError: bad" in said[0]


def test_a_command_that_takes_too_long_is_given_up(supervisor: Supervisor) -> None:
    with pytest.raises(UpError, match="slow was not ready within 0 s"):
        supervisor.run(sleeper("slow", once=True), seconds=0.1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_watch(supervisor: Supervisor, number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    with pytest.raises(Interrupted):
        supervisor.watch()


def test_stages_stop_from_the_top_down(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "order"
    note = (
        "import signal, sys, time\n"
        f"def end(*_): open({str(log)!r}, 'a').write(sys.argv[0] + ' {{}} '); sys.exit()\n"
        "signal.signal(15, end); print('ready', flush=True); time.sleep(60)"
    )
    for name, stage in (("database", DATABASE), ("broker", BROKER), ("web", SERVICE)):
        supervisor.start(python(name, note.format(name), stage=stage))
    logs = [tmp_path / "log" / f"{name}.log" for name in ("database", "broker", "web")]
    supervisor.wait_until(lambda: all(path.stat().st_size for path in logs), seconds=10, what="programs")
    supervisor.__exit__()
    supervisor.__enter__()
    assert [word for word in log.read_text().split() if word != "-c"] == ["web", "broker", "database"]


def test_a_program_that_ignores_the_request_is_killed_after_its_grace(supervisor: Supervisor, tmp_path: Path) -> None:
    process = supervisor.start(python("stubborn", STUBBORN, grace=0.2)).process
    supervisor.wait_until((tmp_path / "log" / "stubborn.log").read_text, seconds=10, what="stubborn")  # type: ignore[arg-type]
    supervisor.__exit__()
    supervisor.__enter__()
    assert process is not None
    assert process.returncode == -signal.SIGKILL


def test_a_second_request_cuts_the_grace_short(supervisor: Supervisor, tmp_path: Path) -> None:
    process = supervisor.start(python("stubborn", STUBBORN, grace=60)).process
    supervisor.wait_until((tmp_path / "log" / "stubborn.log").read_text, seconds=10, what="stubborn")  # type: ignore[arg-type]
    assert process is not None
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    began = time.monotonic()
    supervisor.__exit__()
    supervisor.__enter__()
    assert process.returncode == -signal.SIGKILL
    assert time.monotonic() - began < 30


def test_what_a_program_started_dies_with_it(supervisor: Supervisor, tmp_path: Path) -> None:
    code = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    child = supervisor.start(python("parent", code))
    log = tmp_path / "log" / "parent.log"
    supervisor.wait_until(lambda: log.read_text().endswith("\n"), seconds=10, what="parent")
    grandchild = int(log.read_text())
    assert not gone(grandchild)
    assert child.process is not None
    child.process.kill()
    supervisor.wait_until(lambda: gone(grandchild), seconds=10, what="the grandchild's end")


def test_each_program_leads_a_session_of_its_own(supervisor: Supervisor) -> None:
    process = supervisor.start(sleeper()).process
    assert process is not None
    assert os.getsid(process.pid) == process.pid != os.getsid(0)
