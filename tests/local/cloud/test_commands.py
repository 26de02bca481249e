"""The commands: an expected error prints one line and gives an exit code."""

import errno
import os
import sys
from dataclasses import fields
from pathlib import Path
from unittest.mock import Mock

import psutil
import pytest
from rich.console import Console

from include.sources import SOURCES
from local import __main__ as command_line
from local import commands, processes, servers
from local.cloud import Cloud
from local.faults import fault_of
from local.home import Home
from local.ports import Ports


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOCAL_HOME", str(tmp_path))
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["local", *words])
    return command_line.main()


def test_break_writes_a_fault_and_fix_removes_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, "break", "usace", "error-200") == 0
    assert fault_of(home / "faults.json", "usace") == "error-200"

    assert run(monkeypatch, "fix") == 0
    assert fault_of(home / "faults.json", "usace") is None


def test_an_unknown_source_is_refused_with_the_valid_ones(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "break", "nowhere", "error-200") == 2
    assert ", ".join(SOURCES) in capsys.readouterr().out
    assert not (home / "faults.json").exists()


def test_an_invalid_port_starts_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLACK_PORT", "none")

    assert run(monkeypatch, "run") == 2
    assert "SLACK_PORT is 'none'" in capsys.readouterr().out
    assert not (home / "processes.json").exists()


def test_stopping_when_nothing_runs_is_not_an_error(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "stop") == 0
    assert "Not running." in capsys.readouterr().out


def test_a_failed_run_is_a_failed_command(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.commands.run", lambda *_: 1)

    assert run(monkeypatch, "run") == 1


@pytest.mark.parametrize(("sources", "is_started"), [(list(SOURCES), False), (["epa"], True)])
def test_a_laptop_that_runs_with_other_sources_is_started_again(
    sources: list[str], is_started: bool, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sorted({field.name for field in fields(Ports)} - {"airflow"})
    this = psutil.Process()
    running = [processes.Running(name, this.pid, this.create_time()) for name in names]
    settings = {
        "ports": Ports(*range(1, 7)).as_dict(),
        "data": str(Home(home).data),
        "sources": sources,
    }
    processes.save(Home(home).processes, running, settings)
    started, stopped = Mock(), Mock()
    monkeypatch.setattr(servers, "start", started)
    monkeypatch.setattr(processes, "stop", stopped)

    commands.bring_up(Home(home), Console(), with_airflow=False)

    assert started.called is is_started
    assert stopped.called is is_started
    assert processes.load(Home(home).processes)[1]["sources"] == list(SOURCES)


def test_break_without_a_source_says_how_and_lists_the_sources(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The Makefile passes both words, which are empty then.
    for words in ((), ("", "")):
        assert run(monkeypatch, "break", *words) == 0
        said = capsys.readouterr().out
        assert said.startswith("Name a source and a fault: make break SOURCE=usace FAULT=error-200")
        assert ", ".join(SOURCES) in said
    assert not (home / "faults.json").exists()


def test_break_without_a_fault_lists_those_of_the_source(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "break", "airtable", "") == 0
    assert "SOURCE=airtable FAULT=error-500\nIts faults are error-500, sync-failed" in (
        capsys.readouterr().out
    )
    assert not (home / "faults.json").exists()


def test_a_source_with_an_unknown_name_is_refused_without_a_fault_too(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "break", "nowhere", "") == 2
    assert "There is no source 'nowhere'." in capsys.readouterr().out


def test_a_command_with_unknown_words_says_how_it_is_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "nonsense") == 2
    assert "No such command 'nonsense'" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("run",), ("cloud",), ("break", "usace", "error-200"), ("fix",)])
def test_a_home_that_cannot_be_written_is_one_line(
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LOCAL_HOME", str(tmp_path / "file" / "home"))

    assert run(monkeypatch, *words) == 2
    assert capsys.readouterr().out == (
        f"The laptop's folder {tmp_path}/file/home cannot be written (Not a directory):"
        " set LOCAL_HOME to a folder that can.\n"
    )


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_a_file_that_cannot_be_written_is_one_line(
    number: int,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number), str(home / "logs"))

    monkeypatch.setattr("local.commands.bring_up", lambda *_, **__: refuse())

    assert run(monkeypatch, "cloud") == 2
    assert capsys.readouterr().out == (
        f"{home / 'logs'} cannot be used ({os.strerror(number)}): make it yours, or set LOCAL_HOME"
        " to another folder.\n"
    )


def test_another_error_of_a_file_keeps_its_traceback(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.commands.fix", lambda *_: Path("/nowhere/at/all").read_text())

    with pytest.raises(FileNotFoundError):
        run(monkeypatch, "fix")


def test_brackets_in_an_error_are_printed_as_they_are(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise processes.ServerFailedError("INFO [/tmp] [red] was not ready")

    monkeypatch.setattr("local.commands.stop", fail)

    assert run(monkeypatch, "stop") == 2
    assert capsys.readouterr().out == "INFO [/tmp] [red] was not ready\n"


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (
            'IO Error: Could not set lock on file "/h/RAW.db": Conflicting lock is held in'
            " /usr/bin/python3.11 (PID 4711). See also https://duckdb.org/docs/",
            "another process (process 4711) has the warehouse's files open; end it, or set"
            " LOCAL_HOME to another folder",
        ),
        (
            "[Errno 98] error while attempting to bind on address ('127.0.0.1', 8443): address"
            " already in use",
            "another program has just taken its port; run the command again",
        ),
        (
            "Error: listen EADDRINUSE: address already in use 127.0.0.1:10000",
            "another program has just taken its port; run the command again",
        ),
    ],
)
def test_a_server_that_ends_for_a_known_cause_is_one_line(
    log: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "log"
    file.write_text(f"Traceback (most recent call last):\n{log}\n")

    with pytest.raises(processes.ServerFailedError) as ended:
        processes.wait_until_ready(processes.Running("snowflake", 1, 0), lambda: True, file, 1)

    assert str(ended.value) == f"snowflake ended while starting: {said}"


def test_servers_whose_start_was_cut_off_are_started_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are alive, but nobody knows whether they were ready."""
    this = psutil.Process()
    cloud = Cloud(Home(home), Ports(*range(1, 7)))
    for field in fields(Ports):
        running = processes.Running(field.name, this.pid, this.create_time())
        cloud.record({"ports": cloud.ports.as_dict()}, running)
    started = Mock()
    monkeypatch.setattr(servers, "start", started)
    monkeypatch.setattr(processes, "stop", Mock())

    commands.bring_up(Home(home), Console(), with_airflow=False)

    assert started.called
