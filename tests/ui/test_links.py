"""The links on task instances: each opens the right page; without a target there is no link."""

from types import SimpleNamespace
from typing import Any

import pytest

from include.incidents.open_incidents import record_failure
from include.publishing.store import Store
from include.ui.links import IssueLink, PublicFileLink, RunbookLink, TableLink, raw_table
from local.cloud import Cloud
from tests.incidents.samples import LOW_SEVERITY, failure


def link(link_type: type, dag: str, task: str) -> str:
    key = SimpleNamespace(dag_id=dag, task_id=task)
    found: Any = link_type().get_link(None, ti_key=key)
    return str(found)


@pytest.mark.parametrize(
    ("dag", "task", "page"),
    [
        ("usace", "load", "load"),
        ("epa", "transform.stg_epa__parcels_model_build", "transform"),
        ("publish_metrics", "verify", "verification"),
        ("check_freshness", "epa", "freshness"),
    ],
)
def test_a_task_links_to_its_runbook_page(
    dag: str, task: str, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", "owner/name")
    expected = f"https://github.com/owner/name/blob/main/docs/runbooks/{page}.md#act"
    assert link(RunbookLink, dag, task) == expected


def test_without_a_repository_or_an_alert_type_there_is_no_runbook_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert link(RunbookLink, "other", "unknown") == ""
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", "")
    assert link(RunbookLink, "usace", "load") == ""


def test_a_load_links_to_its_table_in_snowflake(monkeypatch: pytest.MonkeyPatch) -> None:
    assert link(TableLink, "usace", "load") == "", "the laptop's account has no Snowsight"
    monkeypatch.setenv(
        "AIRFLOW_CONN_SNOWFLAKE_LOADER",
        '{"conn_type": "snowflake", "extra": {"account": "cagov-ddrc_x"}}',
    )
    assert link(TableLink, "usace", "load") == (
        "https://app.snowflake.com/cagov/ddrc_x/#/data/databases/RAW_DDRC_DEV"
        "/schemas/USACE_AGOL_DEBRIS/table/PARCEL_DEBRIS_REMOVAL"
    )
    assert link(TableLink, "usace", "release") == ""
    assert link(TableLink, "usace", "transform.stg_usace__parcels_model_build") == ""
    for task in ("unload", "transform.usace_metrics_model_build"):
        path = link(TableLink, "usace", task).split("/#/data/")[1].split("/")
        names = ["ANALYTICS_DDRC_DEV", "LAPTOP_METRICS", "USACE_METRICS"]
        assert path == ["databases", names[0], "schemas", names[1], "table", names[2]]
    assert link(TableLink, "publish_metrics", "unload").endswith("/table/DDRC_METRICS")


def test_each_list_of_malibu_and_each_sync_has_its_own_table() -> None:
    lists = raw_table("malibu", "load_fire_rebuild_visit_points")
    sync = raw_table("airtable", "wait_for_sync")
    assert lists is not None
    assert lists.name == "FIRE_REBUILD_VISIT_POINTS"
    assert sync is not None
    assert sync.name == "METRICS"


def test_a_publishing_task_links_to_the_public_file(cloud: Cloud) -> None:
    assert link(PublicFileLink, "publish_metrics", "promote") == cloud.published_url
    assert link(PublicFileLink, "epa", "release") == cloud.blob_url("sources/epa.json")
    assert link(PublicFileLink, "epa", "load") == ""


def test_a_task_links_to_the_issue_of_its_open_incident_only(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", "owner/name")
    assert link(IssueLink, "usace", "load") == ""
    record_failure(store, failure(), LOW_SEVERITY)
    assert link(IssueLink, "usace", "load").startswith("https://github.com/owner/name/issues/new?")
    assert link(IssueLink, "usace", "unload") == ""
