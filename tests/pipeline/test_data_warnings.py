"""dbt's warnings: from the events of its tests and their compiled SQL to findings."""

import json
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from include.incidents.data_warnings import read_warnings
from include.pipeline import data_warnings
from include.pipeline.data_warnings import WarningReporter
from include.transform_project import MANIFEST
from tests.pipeline.running import context_of
from tests.publishing.memory_store import MemoryStore
from tests.slack import Slack

CONTEXT = context_of("usace", "transform.stg_usace__parcels_model_build")
ROWS = [("ma", "new", 3)]


@pytest.fixture
def warehouse(monkeypatch: pytest.MonkeyPatch, store: MemoryStore, slack: Slack) -> Any:
    """A session without a warehouse: `rows` are the result of each statement, or an error.

    `store` and `slack` are the account and the Slack that the reports go to.
    """
    columns = ("COLUMN_NAME", "VALUE", "ROW_COUNT")
    made = SimpleNamespace(
        columns=columns, rows=ROWS, statements=[], closed=0, store=store, slack=slack
    )

    class Session:
        def __enter__(self) -> "Session":
            return self

        def __exit__(self, *_: object) -> None:
            return None

        @property
        def description(self) -> Any:
            return [SimpleNamespace(name=name) for name in made.columns]

        def cursor(self) -> "Session":
            return self

        def execute(self, sql: str) -> None:
            made.statements.append(sql)
            if isinstance(made.rows, Exception):
                raise made.rows

        def fetchall(self) -> list[Any]:
            return list(made.rows)

        def close(self) -> None:
            made.closed += 1

    hook = SimpleNamespace(get_conn=Session)
    monkeypatch.setattr(data_warnings, "snowflake_hook", lambda connection: hook)
    return made


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in which dbt has compiled the test `words`."""
    file = tmp_path / "target" / "compiled" / "ddrc" / "models" / "_usace.yml" / "words_1.sql"
    file.parent.mkdir(parents=True)
    file.write_text("select 1 -- the end")
    return tmp_path


def event(status: str, test: str = "words", file: str = "words_1.sql") -> Any:
    """dbt's event after a test."""
    data = SimpleNamespace(name=test, status=status, node_info=SimpleNamespace(node_path=file))
    return SimpleNamespace(info=SimpleNamespace(name="LogTestResult"), data=data)


def run(project: Path, *events: Any) -> None:
    """Run dbt for a model of USACE, with these events."""
    reporter = WarningReporter("usace")
    arguments = reporter.operator_args()
    [collect] = arguments["dbt_runner_callbacks"]
    for each in (SimpleNamespace(info=SimpleNamespace(name="LogModelResult")), *events):
        collect(each)
    arguments["callback"](str(project), context=CONTEXT)
    assert arguments["callback"](str(project), context=CONTEXT) is None


def test_the_rows_of_a_test_that_warns_are_read_once_and_posted(
    project: Path, warehouse: Any
) -> None:
    run(project, event("warn"), event("pass", "other"))
    assert warehouse.statements == ["SELECT * FROM (\nselect 1 -- the end\n) ORDER BY 1 LIMIT 100"]
    assert warehouse.closed == 1
    [text] = warehouse.slack.texts()
    assert "*usace: 1 new data warning*" in text
    assert "`ma: the value new is not known, in 3 rows`" in text


@pytest.mark.parametrize(
    ("events", "stays"),
    [
        ([event("pass")], False),
        ([event("warn")], True),
        ([event("error")], True),
        ([event("fail"), event("pass", "other")], True),
        ([], True),
    ],
)
def test_only_a_test_that_passes_ends_its_warnings(
    events: list[Any], stays: bool, project: Path, warehouse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_warnings, "_descriptions", lambda: {"words": ""})
    run(project, event("warn"))
    run(project, *events)
    assert bool(read_warnings(warehouse.store)) is stays
    assert len(warehouse.slack.texts()) == 1


def test_tests_that_pass_cost_no_statement(project: Path, warehouse: Any) -> None:
    run(project, event("pass"))
    assert warehouse.statements == []


@pytest.mark.parametrize("problem", ["no warehouse", "no storage account", "no compiled SQL"])
def test_a_report_that_fails_fails_no_task_and_is_made_by_the_next_run(
    problem: str,
    project: Path,
    warehouse: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def down(*_: object) -> Any:
        raise ConnectionError

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        if problem == "no warehouse":
            patch.setattr(warehouse, "rows", ConnectionError("it is down"))
        if problem == "no storage account":
            patch.setattr(data_warnings, "open_store", down)
        run(project, event("warn", file="gone.sql" if "SQL" in problem else "words_1.sql"))
    assert caplog.messages == [
        "The data warnings of transform.stg_usace__parcels_model_build could not be reported"
    ]
    assert warehouse.slack.texts() == []
    run(project, event("warn"))
    assert len(warehouse.slack.texts()) == 1


def test_a_test_of_dbts_own_warns_in_its_description(
    project: Path, warehouse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_warnings, "_descriptions", lambda: {"words": "an unknown unit"})
    warehouse.columns, warehouse.rows = ("VALUE_FIELD", "N_RECORDS"), [("dollar", 2)]
    run(project, event("warn"))
    assert "an unknown unit: dollar, in 2 rows" in warehouse.slack.texts()[0]


def test_the_projects_own_tests_are_declared() -> None:
    assert "airtable_newest_entry_is_publishable" in data_warnings._descriptions()


def test_each_test_of_dbts_own_that_warns_has_a_description() -> None:
    nodes = json.loads(MANIFEST.read_bytes())["nodes"].values()
    own = {"accepted_values", "not_null", "unique"}
    warning = [
        node
        for node in nodes
        if node["resource_type"] == "test"
        and node["config"]["severity"].lower() == "warn"
        and (node.get("test_metadata") or {}).get("name") in own
    ]
    assert [node["name"] for node in warning if not node["description"]] == []
    assert len(warning) > 3
