"""Where sockets live."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from contactcenter.up.config import UpError
from contactcenter.up.sockets import LONGEST_NAME, LONGEST_SOCKET_PATH, listen, socket_folder


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a short path."""
    with tempfile.TemporaryDirectory(prefix="cc-") as folder:
        yield Path(folder)


@pytest.fixture
def deep(short: Path) -> Path:
    """A data folder whose path is too long for a socket in it."""
    folder = short / ("d" * LONGEST_SOCKET_PATH)
    folder.mkdir()
    return folder


def test_sockets_live_in_the_data_folder(short: Path) -> None:
    folder = socket_folder(short)
    assert folder == short / "run"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_sockets_of_a_data_folder_with_a_long_path_live_in_the_runtime_folder(deep: Path, short: Path) -> None:
    folder = socket_folder(deep, {"XDG_RUNTIME_DIR": str(short)})
    assert folder.parent == short
    assert len(bytes(folder)) + LONGEST_NAME <= LONGEST_SOCKET_PATH
    assert folder == socket_folder(deep, {"XDG_RUNTIME_DIR": str(short)}), "the same at each start"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / ".s.PGSQL.5432"))


def test_two_data_folders_with_long_paths_have_two_places(deep: Path, short: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(short)}
    assert socket_folder(deep, environ) != socket_folder(deep / "other", environ)


def test_without_a_runtime_folder_a_temporary_one_serves(
    deep: Path, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(short))
    assert socket_folder(deep, {}).parent == short
    assert socket_folder(deep, {"XDG_RUNTIME_DIR": str(deep)}).parent == short


def test_a_shared_folder_that_others_may_enter_is_refused(deep: Path, short: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(short)}
    socket_folder(deep, environ).chmod(0o755)
    with pytest.raises(UpError, match="belongs to somebody else"):
        socket_folder(deep, environ)


def test_a_link_planted_in_a_shared_folder_is_refused(deep: Path, short: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(short)}
    place = socket_folder(deep, environ)
    place.rmdir()
    (short / "elsewhere").mkdir(mode=0o700)
    place.symlink_to(short / "elsewhere")
    with pytest.raises(UpError, match="belongs to somebody else"):
        socket_folder(deep, environ)


def test_a_port_in_use_is_one_clear_line() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(UpError, match=rf"^Port {port} is in use\.[^\n]*$"):
            listen("127.0.0.1", port)


def test_a_port_that_was_given_back_is_free_at_once() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
    listen("127.0.0.1", port).close()


def test_a_visitor_waits_in_the_queue_while_nobody_accepts() -> None:
    with listen("127.0.0.1", 0) as listener:
        visitor = socket.create_connection(listener.getsockname(), timeout=1)
        visitor.sendall(b"hello")
        accepted, _ = listener.accept()
        assert accepted.recv(5) == b"hello"
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), "inherited by accepted sockets"
        accepted.close()
        visitor.close()
