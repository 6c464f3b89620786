"""The table of programs, and what the person at the terminal chose."""

from __future__ import annotations

from pathlib import Path

import pytest

from contactcenter.up.config import Config, UpError, read_config
from contactcenter.up.programs import LARGEST_FRAME, Program, manage, table, workers

LISTENER = 7


def _table(data: Path, *arguments: str) -> dict[str, Program]:
    config = read_config(arguments, {"CC_DATA": str(data), "CC_WEB_PROCESSES": "2"})
    return {program.name: program for program in table(config, LISTENER)}


def test_web_comes_first_and_what_a_start_doesnt_wait_for_last(tmp_path: Path) -> None:
    assert list(_table(tmp_path)) == [
        "web",
        "workers",
        "web-2",
    ]
    assert [program.name for program in _table(tmp_path).values() if program.late] == ["web-2"]


def test_the_second_web_process_is_like_the_first(tmp_path: Path) -> None:
    programs = _table(tmp_path)
    first, second = programs["web"], programs["web-2"]
    assert (first.argv, first.env, first.inherit) == (second.argv, second.env, second.inherit)


def test_there_are_as_many_web_processes_as_asked_for_and_no_more_than_two_without(tmp_path: Path) -> None:
    def webs(**environ: str) -> int:
        config = read_config([], {"CC_DATA": str(tmp_path)} | environ)
        return sum(program.name.startswith("web") for program in table(config, LISTENER))

    assert (webs(CC_WEB_PROCESSES="1"), webs(CC_WEB_PROCESSES="5")) == (1, 5)
    assert webs() in (1, 2)


@pytest.mark.parametrize("number", ["0", "-1", "two", "65"])
def test_a_number_of_web_processes_that_makes_no_sense_is_refused(number: str) -> None:
    with pytest.raises(UpError, match="CC_WEB_PROCESSES must be a number from 1 to 64"):
        read_config([], {"CC_WEB_PROCESSES": number})


@pytest.mark.parametrize("queue", ["routing", "outbound", "timers", "reports"])
def test_each_queue_has_one_worker_of_its_own(tmp_path: Path, queue: str) -> None:
    found = [p for p in workers(tmp_path) if f"--queues={queue}" in p.argv]
    assert [worker.name for worker in found] == [f"worker-{queue}"]
    assert found[0].env["CC_PROCESS"] == "worker"


def test_there_is_one_beat_and_its_schedule_is_in_the_data_folder(tmp_path: Path) -> None:
    beats = [p for p in workers(tmp_path) if "beat" in p.argv]
    assert len(beats) == 1
    assert f"--schedule={tmp_path / 'beat-schedule'}" in beats[0].argv


@pytest.mark.parametrize("server", ["uvicorn", "daphne"])
def test_either_server_takes_the_listening_socket_over(tmp_path: Path, server: str) -> None:
    web = _table(tmp_path, "--server", server)["web"]
    assert server in web.argv
    assert f"--fd={LISTENER}" in web.argv
    assert web.inherit == (LISTENER,)
    assert web.env["CC_PROCESS"] == "web"


@pytest.mark.parametrize("server", ["uvicorn", "daphne"])
def test_either_server_bounds_a_frame(tmp_path: Path, server: str) -> None:
    argv = _table(tmp_path, "--server", server)["web"].argv
    assert any(part.endswith(f"-size={LARGEST_FRAME}") for part in argv)


def test_only_web_inherits_the_listening_socket(tmp_path: Path) -> None:
    programs = _table(tmp_path)
    others = [program for name, program in programs.items() if not name.startswith("web")]
    assert others
    assert all(LISTENER not in program.inherit for program in others)


def test_a_command_runs_once_and_services_do_not(tmp_path: Path) -> None:
    assert manage("migrate", "migrate").once
    assert not any(program.once for program in _table(tmp_path).values())


def test_what_is_not_set_has_a_default() -> None:
    config = read_config([], {})
    assert isinstance(config, Config)
    assert (config.port, config.host, config.server, config.demo) == (8000, "127.0.0.1", "uvicorn", True)
    assert (config.database_url, config.redis_url) == ("", "")
    assert config.data.name == "var"


def test_an_empty_variable_counts_as_not_set() -> None:
    assert read_config([], {"PORT": "", "CC_DATA": ""}) == read_config([], {})


@pytest.mark.parametrize("port", ["http", "-1", "65536", "80.5"])
def test_a_port_that_is_none_is_refused_by_name(port: str) -> None:
    with pytest.raises(UpError, match="PORT must be a number"):
        read_config([], {"PORT": port})


def test_stores_elsewhere_are_taken_from_the_environment() -> None:
    urls = {"DATABASE_URL": "postgresql://db/cc", "REDIS_URL": "redis://cache/0"}
    config = read_config(["--no-demo"], urls)
    assert (config.database_url, config.redis_url) == tuple(urls.values())
    assert not config.demo
