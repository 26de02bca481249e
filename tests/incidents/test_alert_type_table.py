"""The alert type of each task by its name, and each type's title and runbook page."""

import pytest

from include.incidents.alert_types import ALERT_TYPES, AlertType, alert_type_of

TITLES = {
    "load": "a load failed",
    "sync": "a Fivetran sync failed",
    "transform": "a model or a data test failed",
    "unload": "an unload failed",
    "release": "a release failed",
    "audit": "the new metrics break their contract",
    "approval": "a review could not be requested",
    "promotion": "a promotion failed",
    "verification": "the public address does not serve the promoted version",
    "record": "published values were not recorded",
    "public-file": "the public file is missing, altered, invalid or out of date",
    "dags": "a DAG is broken, stuck, paused or overdue",
    "credits": "the month's Snowflake credits could not be read",
    "secrets": "a secret ends soon",
    "freshness": "a source's data is too old",
    "history": "history was not recorded",
    "incident-log": "the incident log was not written",
}


def test_each_alert_type_says_what_happened() -> None:
    assert {name: found.title for name, found in ALERT_TYPES.items()} == TITLES
    assert [found.name for found in ALERT_TYPES.values()] == list(TITLES)


@pytest.mark.parametrize(
    ("dag", "task", "name"),
    [
        ("usace", "look_for_edits", "load"),
        ("malibu", "look_for_changes", "load"),
        ("usace", "load", "load"),
        ("malibu", "load_points", "load"),
        ("airtable", "sync", "sync"),
        ("airtable", "wait_for_sync", "sync"),
        ("usace", "transform.stg_usace__parcels_model_build", "transform"),
        ("usace", "transform.load", "transform"),
        ("publish_metrics", "unload", "unload"),
        ("publish_metrics", "release", "release"),
        ("publish_metrics", "settle", "dags"),
        ("publish_metrics", "audit", "audit"),
        ("publish_metrics", "ask", "approval"),
        ("publish_metrics", "ask_a_person", "approval"),
        ("restore_metrics", "choose", "approval"),
        ("restore_metrics", "confirm", "approval"),
        ("release_hold", "release_hold", "promotion"),
        ("publish_metrics", "promote", "promotion"),
        ("publish_metrics", "verify", "verification"),
        ("publish_metrics", "record", "record"),
        ("watch", "watch_public_file", "public-file"),
        ("watch", "watch_dags", "dags"),
        ("watch", "watch_credits", "credits"),
        ("watch", "keep_incident_log", "incident-log"),
        ("clean_up", "delete_old_rows", "dags"),
        ("check_freshness", "load", "freshness"),
        ("check_freshness", "any", "freshness"),
        ("keep_history", "transform.history", "history"),
    ],
)
def test_each_task_has_the_alert_type_of_its_work(dag: str, task: str, name: str) -> None:
    assert alert_type_of(dag, task) is ALERT_TYPES[name]


@pytest.mark.parametrize("task", ["new", "transform", "loader", ""])
def test_a_new_task_has_no_alert_type(task: str) -> None:
    with pytest.raises(KeyError):
        alert_type_of("usace", task)


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("owner/name", "https://github.com/owner/name/blob/main/docs/runbooks/audit.md#act"),
        ("", ""),
    ],
)
def test_the_runbook_page_is_in_the_repository_if_there_is_one(
    repository: str, address: str
) -> None:
    audit = ALERT_TYPES["audit"]
    assert audit.runbook_page == "docs/runbooks/audit.md#act"
    assert audit.runbook_url(repository) == address


def test_an_alert_type_does_not_change_the_public_file_unless_it_says_so() -> None:
    assert not AlertType("new", "something failed", "Clear it.").may_change_public_file
