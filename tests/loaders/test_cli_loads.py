"""The command of each source: what it loads, into which warehouse."""

import json
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from include.loaders import LoadOptions, Origin, cli
from include.loaders.report import ExportReport
from include.sources import LOADED, SOURCES
from tests.loaders.command_line import PRINTED, REPORT, Calls, run


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The loads into the warehouse, and the logins that they make."""
    made: Calls = []

    def load_table(part: Any, *, connect: Callable[[], Any], **named: Any) -> ExportReport:
        made.append({"part": part, "login": connect(), **named})
        return REPORT

    connector = SimpleNamespace(connect=lambda connection_name: f"session of {connection_name}")
    monkeypatch.setitem(sys.modules, "snowflake", SimpleNamespace(connector=connector))
    monkeypatch.setitem(sys.modules, "snowflake.connector", connector)
    monkeypatch.setattr(cli, "load_table", load_table)
    monkeypatch.setenv("DDRC_ENV", "DEV")
    return made


def test_a_source_is_loaded_into_the_warehouse_of_this_environment(loads: Calls) -> None:
    result = run("epa")

    [part] = SOURCES["epa"].loaded
    [load] = loads
    load_id = load.pop("load_id")
    assert load == {
        "part": part,
        "login": "session of loader",
        "database": "RAW_DDRC_DEV",
        "origin": Origin(),
        "options": LoadOptions(retry_seconds=300.0),
    }
    assert load_id.startswith("command-line 20")
    assert (load_id[-1], len(load_id)) == ("Z", len("command-line 2025-01-07T10:00:00Z"))
    assert json.loads(result.stdout) == PRINTED


def test_the_connection_can_be_named(loads: Calls) -> None:
    run("epa", "--connection", "mine", "--base-url", "http://x", "--accept-drop", "By phone")

    assert loads[0]["login"] == "session of mine"
    assert loads[0]["origin"] == Origin(base_url="http://x")
    assert loads[0]["options"].accept_drop == "By phone"


def test_each_source_has_a_command_that_names_its_tables() -> None:
    described = {command.name: command.help for command in cli.app.registered_commands}

    for name in LOADED:
        tables = [f"{part.table.schema}.{part.table.name}" for part in SOURCES[name].loaded]
        assert described[name] == f"Load {name} alone: {', '.join(tables)}."


def test_without_a_command_the_commands_are_listed() -> None:
    result = run()

    listed = result.output
    for name in ("arcgis", "json-list", "trust", *LOADED):
        assert name in listed
    assert "completion" not in listed
    assert "Save any ArcGIS layer or JSON list" in listed
