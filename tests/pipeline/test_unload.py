"""An unload: one statement that writes a mart to the candidate of the run."""

import json
from importlib import import_module
from typing import Any

import pytest
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

from include.pipeline.unload import UnloadOperator, unload
from include.publishing.names import candidate_file
from tests.pipeline.running import RUN, context_of

# The package has a function of the same name.
module: Any = import_module("include.pipeline.unload")
TABLE = "ANALYTICS_DDRC_DEV.LAPTOP_METRICS.EPA_METRICS"


@pytest.fixture
def unloads() -> UnloadOperator:
    with DAG("epa"):
        return unload("epa_metrics")


def test_the_statement_writes_the_mart_to_the_candidate_of_the_run(
    unloads: UnloadOperator,
) -> None:
    template = unloads.get_template_env().from_string(str(unloads.sql))
    sql = template.render(params=unloads.params, run_id=RUN)
    stage = "@ANALYTICS_DDRC_DEV.PUBLIC.AZURE_STAGE_DDRC"
    assert sql.startswith(f"copy into {stage}/{candidate_file('epa_metrics', RUN)}\n")
    assert f"\n    from {TABLE}\n" in sql
    assert "having count(*) > 0" in sql


def test_each_column_of_the_mart_is_a_field_of_its_own_name(unloads: UnloadOperator) -> None:
    for name in (
        "METRIC_NAME", "METRIC_VALUE", "METRIC_TYPE", "METRIC_UNIT_LABEL", "UPDATE_FREQUENCY",
    ):  # fmt: skip
        assert f"'{name}', {name.lower()}" in str(unloads.sql)
    # As a browser's `new Date` reads it, whatever the session's formats are.
    in_utc = """to_char(last_updated, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"')"""
    assert f"'LAST_UPDATED', {in_utc}" in str(unloads.sql)


def test_the_file_is_one_uncompressed_array_sorted_by_name(unloads: UnloadOperator) -> None:
    sql = " ".join(str(unloads.sql).split())
    assert "within group (order by metric_name)" in sql
    assert "object_construct_keep_null(" in sql
    assert sql.endswith(
        "file_format = (type = json compression = none) single = true overwrite = true"
    )


def test_the_session_has_a_query_tag_and_no_formats_as_the_statement_formats_the_times(
    unloads: UnloadOperator,
) -> None:
    parameters = dict((unloads.hook_params or {})["session_parameters"])
    assert json.loads(parameters.pop("QUERY_TAG")) == {
        "app": "ddrc",
        "dag": "{{ ti.dag_id }}",
        "task": "{{ ti.task_id }}",
        "run": "{{ run_id }}",
        "source": "epa",
    }
    assert parameters == {}
    assert unloads.conn_id == "snowflake_reporter"
    assert unloads.task_id == "unload"


def test_the_publication_is_unloaded_for_all_sources() -> None:
    with DAG("publish_metrics"):
        parameters = (unload("ddrc_metrics").hook_params or {})["session_parameters"]
    assert json.loads(parameters["QUERY_TAG"])["source"] == "all"


class Hook:
    """A warehouse in which the mart has some rows."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.asked: list[str] = []

    def get_first(self, sql: str) -> tuple[int]:
        self.asked.append(sql)
        return (self.rows,)


def test_an_unload_ends_with_what_it_wrote(
    unloads: UnloadOperator, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[Any] = []
    hook = Hook(rows=1)
    monkeypatch.setattr(UnloadOperator, "get_db_hook", lambda self: hook)
    monkeypatch.setattr(SQLExecuteQueryOperator, "execute", lambda self, _: [(1, 900, 420)])
    monkeypatch.setattr(module.log, "info", lambda event, **given: logged.append((event, given)))

    assert unloads.execute(context_of("epa", "unload")) == [(1, 900, 420)]

    assert hook.asked == [f"select count(*) from {TABLE}"]
    [(event, fields)] = logged
    assert event == "unloaded"
    assert 0 <= fields.pop("seconds") < 5
    assert fields == {"source": "epa", "table": TABLE, "rows": 1, "bytes": 420}


def test_an_unload_of_no_rows_fails_for_good_before_it_writes(
    unloads: UnloadOperator, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[object] = []
    monkeypatch.setattr(UnloadOperator, "get_db_hook", lambda self: Hook(rows=0))
    monkeypatch.setattr(SQLExecuteQueryOperator, "execute", lambda *given: written.append(given))

    with pytest.raises(AirflowFailException) as error:
        unloads.execute(context_of("epa", "unload"))

    assert written == []
    assert str(error.value) == (
        f"{TABLE} has no rows, so nothing was written and the last released values stay."
        " Find out what emptied the mart, then clear the task that builds it."
    )


@pytest.mark.parametrize("moment", ["start", "complete"])
@pytest.mark.parametrize(
    ("model", "released"),
    [
        ("epa_metrics", []),
        ("ddrc_metrics", ["epa", "malibu", "pasadena", "usace", "airtable"]),
    ],
)
def test_its_lineage_leads_from_the_mart_or_the_released_files_to_the_candidates(
    model: str, released: list[str], moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "datasets", list)
    with DAG("any"):
        unloads = unload(model)
    if moment == "start":
        found: Any = unloads.get_openlineage_facets_on_start()
    else:
        found = unloads.get_openlineage_facets_on_complete(None)
    table = module.Table(f"ANALYTICS_DDRC_DEV.LAPTOP_METRICS.{model.upper()}")
    files = [module.Place("dashboard-data", f"sources/{name}.json") for name in released]
    assert found.inputs == [*files, table]
    assert found.outputs == [module.Place("candidates", model)]
