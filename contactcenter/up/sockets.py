"""Where sockets live: a short folder for those of the stores, one TCP port for the web."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path

from contactcenter.up.config import UpError

# sun_path holds 104 bytes on macOS and 108 on Linux, with its closing zero
LONGEST_SOCKET_PATH = 103
LONGEST_NAME = len("/.s.PGSQL.5432.lock")
BACKLOG = 2048


def socket_folder(data: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """A private folder for unix sockets: `<data>/run`, or a short one that is the same at each start."""
    wanted = data / "run"
    if _fits(wanted):
        wanted.mkdir(mode=0o700, exist_ok=True)
        return wanted
    name = "contactcenter-" + hashlib.sha256(bytes(data)).hexdigest()[:12]
    for parent in (environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):
        if parent and _fits(Path(parent) / name) and os.access(parent, os.W_OK):
            return _private(Path(parent) / name)
    raise UpError("Unix sockets need a folder with a short path. Set CC_DATA to one.")


def _fits(folder: Path) -> bool:
    return len(bytes(folder)) + LONGEST_NAME <= LONGEST_SOCKET_PATH


def _private(folder: Path) -> Path:
    """In a folder that others can write to, the name may be taken by somebody else."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid not in {os.geteuid(), 65534} or found.st_mode & 0o077:
        raise UpError(f"{folder} belongs to somebody else. Set CC_DATA to a shorter folder.")
    return folder


def listen(host: str, port: int) -> socket.socket:
    """The web's listening socket. The supervisor keeps it: while web restarts, visitors wait in its queue."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # accepted sockets inherit it; uvicorn doesn't set it on a socket that it was handed
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise UpError(_cannot_listen(host, port, error)) from error
    return listener


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use. Stop what uses it, or set PORT to another one."
    return f"Cannot listen on {host}:{port}: {error.strerror or error}."
