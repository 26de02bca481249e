"""The links on task instances: each opens the right page; without a target there is no link."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from include.incidents.issue import new_issue_url
from include.publishing.names import PUBLIC_CONTAINER
from include.publishing.store import Place, Store
from include.publishing.versions import PUBLISHED
from include.ui.links import (
    IssueLink,
    PublicFileLink,
    RunbookLink,
    TableLink,
    public_path,
    raw_table,
    warehouse_table,
)
from tests.incidents.sample_incidents import ALTERED, TUESDAY, failed, incident, over
from tests.ui.conftest import save_incidents


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


def test_a_publishing_task_links_to_the_public_file(store: Store) -> None:
    assert link(PublicFileLink, "publish_metrics", "promote") == store.public_url(PUBLISHED)
    by_source = store.public_url(Place(PUBLIC_CONTAINER, "sources/epa.json"))
    assert link(PublicFileLink, "epa", "release") == by_source
    assert link(PublicFileLink, "epa", "load") == ""


@pytest.mark.parametrize(
    ("dag", "task", "is_linked"),
    [
        ("usace", "load", True),
        ("epa", "load", True),
        ("usace", "unload", False),
        # Another DAG's task of the same name.
        ("pasadena", "load", False),
        ("malibu", "release", False),
        ("watch_publication", "watch_public_file", False),
    ],
)
def test_a_task_links_to_the_issue_of_its_open_incident_only(
    dag: str, task: str, is_linked: bool, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", "owner/name")
    assert link(IssueLink, dag, task) == ""
    of_two_dags = incident(failed("usace.load"), failed("epa.load"))
    is_over = over(incident(failed("malibu.release", cause="another")), timedelta(hours=1))
    save_incidents(store, of_two_dags, is_over, incident(ALTERED))
    issues = "https://github.com/owner/name/issues/new?"
    assert link(IssueLink, dag, task).startswith(issues) == is_linked


def test_a_created_issue_is_linked_and_without_one_its_filled_form(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", "owner/name")
    monkeypatch.setattr("include.ui.links.utc_now", lambda: TUESDAY)
    opened = replace(incident(), responder="Ana")
    save_incidents(store, opened)
    form = new_issue_url("owner/name", opened, "Ana", TUESDAY)
    assert link(IssueLink, "usace", "load") == form
    issue = "https://github.com/owner/name/issues/7"
    save_incidents(store, replace(opened, issue_url=issue))
    assert link(IssueLink, "usace", "load") == issue
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", "")
    assert link(IssueLink, "usace", "load") == ""


def test_the_links_have_these_names() -> None:
    links = (RunbookLink, TableLink, PublicFileLink, IssueLink)
    names = ["Runbook", "Table in Snowflake", "Public file", "Incident issue"]
    assert [each().name for each in links] == names


@pytest.mark.parametrize("extra", ["{}", '{"account": null}', '{"account": "laptop"}'])
def test_an_account_without_an_organization_has_no_snowsight(
    extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = f'{{"conn_type": "snowflake", "extra": {extra}}}'
    monkeypatch.setenv("AIRFLOW_CONN_SNOWFLAKE_LOADER", connection)
    assert link(TableLink, "usace", "load") == ""


METRICS = "ANALYTICS_DDRC_DEV.DEVELOPER_METRICS"


@pytest.mark.parametrize(
    ("dag", "task", "table"),
    [
        ("usace", "load", "RAW_DDRC_DEV.USACE_AGOL_DEBRIS.PARCEL_DEBRIS_REMOVAL"),
        ("epa", "unload", f"{METRICS}.EPA_METRICS"),
        ("publish_metrics", "unload", f"{METRICS}.DDRC_METRICS"),
        ("epa", "transform.epa_metrics_model_build", f"{METRICS}.EPA_METRICS"),
        ("publish_metrics", "transform.ddrc_metrics_model_build", f"{METRICS}.DDRC_METRICS"),
        ("epa", "transform.int_epa__x_metrics_model_build", None),
        ("epa", "transform.stg_epa__parcels_model_build", None),
        ("epa", "epa_metrics", None),
        ("epa", "transform.parcels_model_build", None),
        ("publish_metrics", "load", None),
    ],
)
def test_a_task_fills_or_unloads_one_table_at_most(
    dag: str, task: str, table: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DDRC_ENV", raising=False)
    monkeypatch.delenv("DDRC_SCHEMA_PREFIX", raising=False)
    assert warehouse_table(dag, task) == table


@pytest.mark.parametrize(
    ("dag", "task", "path"),
    [
        ("publish_metrics", "promote", "ddrc-metrics.json"),
        ("publish_metrics", "verify", "ddrc-metrics.json"),
        ("monitor", "watch_public_file", "ddrc-metrics.json"),
        ("epa", "release", "sources/epa.json"),
        ("publish_metrics", "release", None),
        ("epa", "load", None),
    ],
)
def test_a_task_writes_or_checks_one_public_file_at_most(
    dag: str, task: str, path: str | None
) -> None:
    assert public_path(dag, task) == path
