"""The commands: an expected error prints one line and gives an exit code."""

import sys
from pathlib import Path

import pytest

from include.sources import SOURCES
from local import __main__ as command_line
from local.faults import fault_of


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
