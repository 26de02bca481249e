"""A connector that writes another table than the one that is read, as after a renaming."""

from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, TaskDeferred

from include.pipeline.fivetran import FivetranApi
from include.pipeline.sync import StartSync, SyncSensor
from include.pipeline.sync_schema import check_written_table, written_tables
from include.sources import SOURCES
from tests.local.fivetran.samples import AIRTABLE
from tests.pipeline.fivetran_account import Account, event_of, join_sync, rename_base
from tests.pipeline.running import context_of

Tasks = tuple[StartSync, SyncSensor]
DECLARED = SOURCES["airtable"].connectors[0]
READ = "ODI_AIRTABLE_LA_RECOVERY_METRICS_APPL6HFEE8UDLUC3G"
OTHER = "ODI_AIRTABLE_OTHER_APPAAAAAAAAAAAAAA"
NEW = "ODI_AIRTABLE_RECOVERY_2026_APPL6HFEE8UDLUC3G"
WHAT_TO_DO = (
    ", which no longer changes: rename the base or the table back at the source or select the table"
    " again in Fivetran, or change include/sources/airtable.py as docs/deploy.md says; then clear"
    " sync."
)


def sync(tasks: Tasks) -> Any:
    """Run `sync`, and `wait_for_sync` once the sync has ended."""
    tasks[1].completed_after_time = tasks[0].execute(context_of("airtable", "sync"))
    join_sync()
    return tasks[1].execute(context_of("airtable", "wait_for_sync"))


def test_a_sync_of_the_declared_table_goes_on(account: Account, tasks: Tasks) -> None:
    account.let_rows_land()
    assert sync(tasks) == {"content_hash": "7 rows, 99"}


@pytest.mark.parametrize(
    ("base", "table", "written"),
    [
        ("Recovery 2026", "METRICS", f"{NEW}.METRICS"),
        ("LA Recovery Metrics", "METRICS_2", f"{READ}.METRICS_2"),
        ("Recovery 2026", "METRICS_2", f"{NEW}.METRICS_2"),
    ],
)
def test_a_renamed_base_or_table_fails_with_both_names_and_what_to_do(
    base: str, table: str, written: str, account: Account, tasks: Tasks
) -> None:
    landed = account.let_rows_land()
    rename_base(account.folder, base, table)
    with pytest.raises(AirflowFailException) as failed:
        sync(tasks)
    assert len(landed) == 1, "Fivetran's sync itself succeeds"
    assert str(failed.value) == (
        f"The Fivetran connector airtable writes to {written}, but airtable is read from"
        f" {READ}.METRICS{WHAT_TO_DO}"
    )


def test_a_base_that_is_renamed_while_the_task_is_deferred_fails_it_too(
    account: Account, tasks: Tasks
) -> None:
    account.let_rows_land()
    account.fault("stuck")
    tasks[0].execute(context_of("airtable", "sync"))
    context = context_of("airtable", "wait_for_sync")
    with pytest.raises(TaskDeferred) as caught:
        tasks[1].execute(context)
    rename_base(account.folder, "Recovery 2026")
    account.fix()
    event = event_of(caught.value)
    del tasks[1].hook
    with pytest.raises(AirflowFailException, match=f"writes to {NEW}.METRICS, but"):
        tasks[1].resume_execution(caught.value.method_name, {"event": event}, context)


def test_the_check_passes_again_when_the_base_has_its_name_back(
    account: Account, tasks: Tasks
) -> None:
    account.let_rows_land()
    rename_base(account.folder, "Recovery 2026")
    with pytest.raises(AirflowFailException):
        sync(tasks)
    rename_base(account.folder, "LA Recovery Metrics")
    assert sync(tasks)


def test_an_unanswered_check_is_a_failure_that_is_retried(account: Account, tasks: Tasks) -> None:
    account.let_rows_land()
    tasks[0].execute(context_of("airtable", "sync"))
    join_sync()
    account.break_api()
    with pytest.raises(AirflowException, match="InternalServerError") as failed:
        check_written_table(tasks[1].hook, AIRTABLE, "airtable", DECLARED)
    assert not isinstance(failed.value, AirflowFailException)


def configuration(*tables: tuple[str, str], **schema: Any) -> dict[str, Any]:
    """A schema configuration with these selected tables."""
    found: dict[str, Any] = {}
    for of_schema, table in tables:
        made = found.setdefault(of_schema.lower(), {"enabled": True, "tables": {}, **schema})
        made["name_in_destination"] = of_schema.lower()
        made["tables"][table.lower()] = {"enabled": True, "name_in_destination": table.lower()}
    return {"schemas": found}


@pytest.mark.parametrize(
    ("configured", "named"),
    [
        (configuration((READ, "METRICS")), None),
        (configuration((READ, "METRICS"), (READ, "DEFINITIONS")), None),
        (configuration((READ, "METRICS"), (OTHER, "METRICS")), None),
        ({}, None),
        ({"schemas": None}, None),
        ({"schemas": {"odi": {"enabled": True, "tables": None}}}, None),
        # The same base under another name, beside the table of the old name in another base.
        (configuration((READ, "METRICS"), (OTHER, "METRICS"), (NEW, "METRICS")), f"{NEW}.METRICS"),
        # The old schema stays in the configuration.
        (configuration((READ, "METRICS"), (NEW, "METRICS")), f"{NEW}.METRICS"),
        (configuration((READ, "METRICS"), (NEW, "OTHERS")), None),
        (configuration((READ, "DEFINITIONS")), f"{READ}.DEFINITIONS"),
        (
            configuration(*((READ, f"T{number}") for number in (4, 2, 0, 1, 3))),
            f"{READ}.T0, {READ}.T1, {READ}.T2 and 2 more",
        ),
    ],
)  # fmt: skip
def test_the_selected_tables_decide(
    configured: dict[str, Any], named: str | None, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = FivetranApi("fivetran", "fivetran_connector_airtable")
    monkeypatch.setattr(api, "get_connector_schemas", lambda connector_id: configured)
    if named is None:
        check_written_table(api, AIRTABLE, "airtable", DECLARED)
        return
    with pytest.raises(AirflowFailException, match=f"writes to {named}, but airtable"):
        check_written_table(api, AIRTABLE, "airtable", DECLARED)


def test_a_source_that_is_no_airtable_base_is_known_by_its_table_alone(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    [feedback] = SOURCES["page_feedback"].connectors
    read = feedback.table.schema, feedback.table.name
    found = configuration(read, ("OTHER", feedback.table.name))
    api = FivetranApi("fivetran", feedback.connector_variable)
    monkeypatch.setattr(api, "get_connector_schemas", lambda connector_id: found)
    check_written_table(api, AIRTABLE, "page_feedback", feedback)

    del found["schemas"][feedback.table.schema.lower()]
    with pytest.raises(AirflowFailException, match=f"writes to OTHER.{feedback.table.name}, but"):
        check_written_table(api, AIRTABLE, "page_feedback", feedback)


@pytest.mark.parametrize("off", ["schema", "table"])
def test_what_is_not_selected_is_not_written(off: str) -> None:
    configured = configuration((READ, "METRICS"))
    schema = configured["schemas"][READ.lower()]
    (schema if off == "schema" else schema["tables"]["metrics"])["enabled"] = False
    assert list(written_tables(configured)) == []


def test_a_name_that_the_configuration_leaves_out_is_the_sources() -> None:
    assert list(written_tables({"schemas": {"odi": {"tables": {"feedback": {}}}}})) == [
        ("ODI", "FEEDBACK")
    ]
