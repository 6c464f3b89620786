"""Starting a program so that it can't outlive the supervisor.

Each program leads a session of its own: Ctrl-C in the terminal reaches the supervisor only, and what is
left of a program is killed as a group. On Linux the kernel signals it when the supervisor dies. The signal
is tied to the thread that forked, so programs are started from the main thread.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, Signals
from typing import Protocol

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
CLONE_NEWUSER = 0x10000000
NOBODY = 65534
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


@dataclass(frozen=True)
class Identity:
    """As whom a program runs. PostgreSQL refuses uid 0, so root starts it inside a user namespace, where it
    is uid 1000 and the files stay root's; or, where those are forbidden, as the user nobody."""

    user_namespace: bool = False
    user: int | None = None


ORDINARY = Identity()


class Process(Protocol):
    """A `subprocess.Popen`, or what stands for one."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...
    def wait(self) -> int | None: ...
    def send_signal(self, sig: int, /) -> None: ...


def spawn(
    argv: list[str],
    *,
    log: int,
    env: Mapping[str, str],
    cwd: Path,
    identity: Identity = ORDINARY,
    death_signal: Signals = SIGKILL,
    inherit: tuple[int, ...] = (),
    nice: int = 0,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=dict(env),
        cwd=cwd,
        start_new_session=True,
        pass_fds=inherit,
        user=identity.user,
        group=identity.user,
        extra_groups=None if identity.user is None else [],
        preexec_fn=_before_exec(identity, death_signal, nice),
    )


def _before_exec(identity: Identity, death_signal: Signals, nice: int) -> Callable[[], None]:
    supervisor = os.getpid()

    def prepare() -> None:
        if nice:
            os.nice(nice)
        if identity.user_namespace:
            enter_user_namespace()
        die_with_parent(death_signal)  # last: a change of identity clears it
        if os.getppid() != supervisor:
            os._exit(1)

    return prepare


def die_with_parent(death_signal: Signals) -> None:
    """Asks the kernel to signal this process when its parent ends (Linux; elsewhere nothing)."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)


def name_process(name: str) -> None:
    """What `top` and `ps -e` call it: forks have one command line (Linux, 15 bytes; elsewhere nothing)."""
    if _libc is not None:
        _libc.prctl(PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def enter_user_namespace() -> None:
    """From here on this process is uid and gid 1000 to itself, and root to the file system."""
    if _libc is None or _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not available")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text("1000 0 1")
    Path("/proc/self/gid_map").write_text("1000 0 1")


def user_namespaces_allowed() -> bool:
    """Tries it in a child: containers and hardened kernels often forbid them."""
    pid = os.fork()
    if pid == 0:
        try:
            enter_user_namespace()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def unprivileged_identity() -> Identity:
    """The identity for a program that refuses to run as root."""
    if os.geteuid() != 0:
        return ORDINARY
    return Identity(user_namespace=True) if user_namespaces_allowed() else Identity(user=NOBODY)
