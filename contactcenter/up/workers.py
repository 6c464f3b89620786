"""`python -m contactcenter.up.workers <data folder> <deaths>`: a Celery worker for each queue, and beat, as forks of
one process that has loaded the product.

Each is a process of its own: one that hangs, grows or dies holds up no other, and starts again by itself. What was
loaded before they parted is one piece of memory for all: half of what they take when each loads it (`make bench`), and
one load at the start instead of five.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from signal import Signals

from contactcenter.up.child import LINUX, die_with_parent, name_process
from contactcenter.up.config import UpError
from contactcenter.up.leftovers import WORKERS_NOTE, PidFile
from contactcenter.up.logs import Logs
from contactcenter.up.policy import RestartPolicy
from contactcenter.up.programs import workers
from contactcenter.up.supervisor import SIGNALS, Interrupted, Supervisor

#: what the commands load late; everything here is loaded once, before the fork
LATE = (
    *("celery.apps.beat", "celery.apps.worker", "celery.bin.beat", "celery.bin.celery", "celery.bin.worker"),
    *("celery.concurrency.prefork", "celery.concurrency.thread", "celery.worker.consumer", "kombu.transport.redis"),
)


def main(data: Path, deaths: int) -> int:
    """The exit code: 0 after SIGTERM, 1 with a reason on stderr when one died `deaths` times within a minute."""
    load()
    pids = PidFile(data / WORKERS_NOTE)
    if not LINUX:  # there, the kernel ended them with their parent, and a number may be this process's own by now
        pids.stop_all()
    policy = RestartPolicy(limit=deaths)
    try:
        with Supervisor(
            Logs(data / "log", bounded=False), policy, say=_say, spawn=Forked,
            started=lambda program, pid: pids.add(replace(program, argv=tuple(sys.orig_argv)), pid),
        ) as supervisor:  # fmt: skip
            for program in workers(data):
                supervisor.start(program)
            supervisor.watch()
    except Interrupted:
        return 0
    except UpError as error:
        print(error, file=sys.stderr, flush=True)
        return 1


def load() -> None:
    """The tasks and all that they use, urls and templates' libraries too, kept out of the way of collections: a
    collection would write to each object, and give each fork a copy of its own."""
    from django.urls import get_resolver

    from contactcenter.celery import app

    app.loader.import_default_modules()
    app.finalize()
    get_resolver().url_patterns  # noqa: B018 loads the views
    for name in LATE:
        import_module(name)
    gc.collect()
    gc.freeze()


class Forked:
    """A fork that runs `python -m celery …`, with what a supervisor needs of a `subprocess.Popen`. The arguments are
    those of `child.spawn`."""

    returncode: int | None = None

    def __init__(
        self, argv: list[str], *, log: int, env: Mapping[str, str], death_signal: Signals, **_same_as_ours: object
    ) -> None:
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                _stand_alone(log, death_signal, parent)
                os.environ.update(env)
                code = celery(argv)
            except BaseException:  # a named edge: nothing of the parent's may run in the fork
                traceback.print_exc()
                code = 1
            sys.stdout.flush()
            os._exit(code)

    def poll(self) -> int | None:
        return self._ask(os.WNOHANG)

    def wait(self) -> int | None:
        return self._ask(0)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def _ask(self, options: int) -> int | None:
        if self.returncode is None and (ended := os.waitpid(self.pid, options))[0]:
            self.returncode = os.waitstatus_to_exitcode(ended[1])
        return self.returncode


def _stand_alone(log: int, death_signal: Signals, parent: int) -> None:
    """Make of a fork what `child.spawn` makes of a program: a session, signals, an output and an end of its own."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    os.dup2(log, 1)
    os.dup2(log, 2)
    die_with_parent(death_signal)
    if os.getppid() != parent:
        os._exit(1)


def celery(argv: list[str]) -> int:
    """What `python -m celery …` does, in this process. :returns: its exit code."""
    from celery.__main__ import main

    name_process(next((part.partition("=")[2] for part in argv if part.startswith("--queues=")), "beat"))
    _python, _module, *sys.argv = argv  # `-m` names the module that is already here
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
