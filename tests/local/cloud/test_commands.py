"""The commands: an expected error prints one line and gives an exit code."""

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
