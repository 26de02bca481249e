"""The command line's options: each reaches the loader, and each outcome has its exit code."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from include.loaders import LoadOptions, Origin, PermanentError, TransientError, cli
from include.loaders.report import ExportReport
from include.sources import LOADED, SOURCES, JsonField
from tests.loaders.command_line import PRINTED, REPORT, Calls, run

DEFAULTS = {
    "where": "1=1",
    "concurrency": 4,
    "page_size": None,
    "retry_seconds": 300.0,
    "timeout_seconds": 60.0,
    "request_seconds": 180.0,
}
COLUMNS = ["TextColumn", "BarColumn", "MofNCompleteColumn", "TimeRemainingColumn"]


def chosen(options: LoadOptions) -> dict[str, Any]:
    return {name: getattr(options, name) for name in DEFAULTS}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The calls of the functions that do the work; each answers at once."""
    made: Calls = []

    def recording(kind: str, names: tuple[str, ...]) -> Callable[..., ExportReport]:
        def record(*given: Any, **named: Any) -> ExportReport:
            made.append({"kind": kind, **dict(zip(names, given, strict=True)), **named})
            return REPORT

        return record

    places = ("host", "url", "output", "origin", "options")
    monkeypatch.setattr(cli, "export_arcgis", recording("layer", places))
    monkeypatch.setattr(cli, "export_json_list", recording("list", ("host", "url", "fields")))
    monkeypatch.setattr(cli, "export_part", recording("part", ("part", *places[2:])))
    return made


def test_a_layer_is_read_with_the_usual_options(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ARCGIS_TOKEN", raising=False)
    result = run("arcgis", "https://a.gov/x/0", "--output", "o.parquet")

    assert (result.exit_code, json.loads(result.stdout)) == (0, PRINTED)
    [call] = calls
    assert chosen(call.pop("options")) == DEFAULTS
    assert call == {
        "kind": "layer",
        "host": "a.gov",
        "url": "https://a.gov/x/0",
        "output": Path("o.parquet"),
        "origin": Origin(),
    }


def test_a_layers_options_reach_the_loader(calls: Calls) -> None:
    run(
        *("arcgis", "https://a.gov/x/0", "--output", "o.parquet", "--where", "A = 1"),
        *("--concurrency", 32, "--page-size", 1, "--retry-seconds", 0, "--timeout-seconds", 90),
        *("--ca-bundle", "x.pem", "--token", "s3cret"),
    )

    [call] = calls
    assert call["origin"] == Origin(ca_bundle="x.pem", token="s3cret")
    assert chosen(call["options"]) == {
        "where": "A = 1",
        "concurrency": 32,
        "page_size": 1,
        "retry_seconds": 0.0,
        "timeout_seconds": 90.0,
        "request_seconds": 270.0,
    }


def test_a_token_may_come_from_the_environment(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCGIS_TOKEN", "s3cret")
    run("arcgis", "https://a.gov/x/0", "--output", "o.parquet")

    assert calls[0]["origin"] == Origin(token="s3cret")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(
            ("--concurrency", 0),
            ("--concurrency", 33),
            ("--page-size", 0),
            ("--page-size", 100_001),
        ),
        *(("--retry-seconds", -0.5), ("--retry-seconds", 901), ("--timeout-seconds", 0)),
    ],
)
def test_a_number_out_of_range_is_refused(calls: Calls, option: str, value: float) -> None:
    result = run("arcgis", "https://a.gov/0", "--output", "o.parquet", option, value)

    assert (result.exit_code, calls) == (2, [])
    assert option in result.stderr


def test_a_list_is_read_with_its_declared_fields(calls: Calls) -> None:
    result = run(
        *("json-list", "https://a.gov/list", "--output", "o.parquet", "--ca-bundle", "x.pem"),
        *("--field", "n:integer", "--field", "a:b:text", "--retry-seconds", 7),
    )
    run("json-list", "no address", "--output", "o.parquet")

    assert (result.exit_code, json.loads(result.stdout)) == (0, PRINTED)
    first, second = calls
    assert chosen(first.pop("options")) == DEFAULTS | {"retry_seconds": 7}
    assert first == {
        "kind": "list",
        "host": "a.gov",
        "url": "https://a.gov/list",
        "fields": (JsonField("n", "integer"), JsonField("a:b", "text")),
        "output": Path("o.parquet"),
        "origin": Origin(ca_bundle="x.pem"),
    }
    assert (second["host"], second["fields"], second["origin"]) == ("no address", (), Origin())
    assert chosen(second["options"]) == DEFAULTS


@pytest.mark.parametrize("field", ["n", "n:numeral", ":text", "n:"])
def test_a_field_that_is_no_name_with_a_type_is_refused(calls: Calls, field: str) -> None:
    result = run("json-list", "https://a.gov/x", "--output", "o.parquet", "--field", field)

    assert (result.exit_code, calls) == (2, [])
    words = " ".join(result.stderr.replace("│", " ").split())
    assert f"{field!r} is not NAME:TYPE with one of ('text', 'integer'," in words


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("a.gov",), ("a.gov", 443, Path("a.gov.pem"))),
        (("a.gov:8443",), ("a.gov", 8443, Path("a.gov.pem"))),
        (("a.gov:", "--output", "x.pem"), ("a.gov", 443, Path("x.pem"))),
    ],
)
def test_a_servers_chain_is_checked_at_its_port(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], expected: tuple[Any, ...]
) -> None:
    checked: list[tuple[Any, ...]] = []

    def complete_chain(*given: Any) -> str:
        checked.append(given)
        return "the findings"

    monkeypatch.setattr(cli, "complete_chain", complete_chain)
    result = run("trust", *arguments)

    assert (result.stdout, checked) == ("the findings\n", [expected])


@pytest.mark.parametrize("name", LOADED)
def test_each_source_is_saved_to_a_folder_part_by_part(calls: Calls, name: str) -> None:
    result = run(
        *(name, "--output", "folder", "--base-url", "http://x", "--ca-bundle", "x.pem"),
        *("--accept-drop", "By phone", "--retry-seconds", 9),
    )

    parts = SOURCES[name].loaded
    assert [call["part"] for call in calls] == list(parts)
    assert [call["output"] for call in calls] == [
        Path("folder") / f"{part.name}.parquet" for part in parts
    ]
    for call in calls:
        assert call["origin"] == Origin(base_url="http://x", ca_bundle="x.pem")
        assert call["options"] == LoadOptions(accept_drop="By phone", retry_seconds=9)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines == [{"source": part.name, **PRINTED} for part in parts]


@pytest.mark.parametrize(
    ("error", "code"),
    [(TransientError("epa", "busy"), 75), (PermanentError("epa", "gone"), 1)],
)
def test_a_failure_has_its_exit_code_and_its_sentence(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    for name in ("export_arcgis", "export_json_list", "export_part", "complete_chain"):
        monkeypatch.setattr(cli, name, fail)
    for command in (
        ("arcgis", "https://x/0", "--output", "o"),
        ("json-list", "https://x", "--output", "o"),
        ("trust", "x"),
        ("epa", "--output", "o"),
    ):
        result = run(*command)
        assert (result.exit_code, result.stdout, result.stderr) == (code, "", f"{error}\n")


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_drawn_on_a_terminal_only(
    calls: Calls, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    drawn: list[Any] = []

    class Bar:
        def __init__(self, *columns: Any, console: Any) -> None:
            assert [type(each).__name__ for each in columns] == COLUMNS
            assert columns[0].text_format == "{task.description}"
            drawn.append(console)

        def __enter__(self) -> "Bar":
            return self

        def __exit__(self, *_: object) -> None:
            drawn.append("end")

        def add_task(self, title: str, total: int | None) -> int:
            drawn.append((title, total))
            return 7

        def update(self, task: int, *, completed: int, total: int | None) -> None:
            drawn.append((task, completed, total))

    console = SimpleNamespace(is_terminal=terminal)
    monkeypatch.setattr(cli, "Progress", Bar)
    monkeypatch.setattr(cli, "Console", lambda stderr: console if stderr else None)
    run("arcgis", "https://a.gov/0", "--output", "o.parquet")
    calls[0]["options"].progress(3, 10)

    expected = [console, ("a.gov", None), "end", (7, 3, 10)]
    assert drawn == (expected if terminal else [])


def test_a_source_is_read_with_the_settings_of_the_command_line(calls: Calls) -> None:
    run(
        *("usace", "--output", "folder", "--page-size", 500, "--concurrency", 1),
        *("--retry-seconds", 9, "--timeout-seconds", 90),
    )

    assert chosen(calls[0]["options"]) == {
        "where": "1=1",
        "concurrency": 1,
        "page_size": 500,
        "retry_seconds": 9.0,
        "timeout_seconds": 90.0,
        "request_seconds": 270.0,
    }


def test_a_list_has_no_pages(calls: Calls) -> None:
    result = run("malibu", "--output", "folder", "--page-size", 500)

    assert (result.exit_code, calls) == (1, [])
    assert "the command line has 'page_size', which is no setting of" in result.stderr


@pytest.mark.parametrize("host", ["a.gov:https", "https://a.gov"])
def test_a_host_with_an_impossible_port_is_refused(host: str) -> None:
    result = run("trust", host)

    assert result.exit_code == 2
    assert "is not HOST or HOST:PORT" in result.stderr
