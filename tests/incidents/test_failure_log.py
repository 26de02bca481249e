"""The last lines of a failed task's log, which a responder reads first."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from include.incidents import failure_log, notify
from include.incidents.failure_log import (
    END_OF_GROUP,
    explain_retry,
    failure_lines,
    retry_lines,
)
from include.incidents.incident_file import change_state
from include.incidents.notify import notify_failure
from include.incidents.severity import LastCheck
from include.pipeline.defaults import HOURLY
from include.publishing.store import Store
from tests.incidents.samples import TOO_FEW, TUESDAY, context, failure
from tests.slack import Slack

REPOSITORY = "owner/name"
LABELS = ["What failed", "What the public sees", "What to do", "Runbook"]

# A task of each kind: its DAG and id, and its runbook page.
KINDS = {
    "loader": ("usace", "load", "load"),
    "list": ("malibu", "load_fire_rebuild_points", "load"),
    "check for changes": ("malibu", "look_for_changes", "load"),
    "sync": ("airtable", "sync", "sync"),
    "sensor": ("airtable", "wait_for_sync", "sync"),
    "dbt": ("epa", "transform.stg_epa__parcels_model_build", "transform"),
    "unload": ("epa", "unload", "unload"),
    "release": ("epa", "release", "release"),
    "publish": ("publish_metrics", "promote", "promotion"),
    "verify": ("publish_metrics", "verify", "verification"),
    "restore": ("restore_metrics", "promote", "promotion"),
    "question": ("approve_change", "ask", "approval"),
    "freshness": ("check_freshness", "epa", "freshness"),
    "new task": ("epa", "a_task_of_next_year", "dags"),
}


@pytest.fixture
def lines(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> pytest.LogCaptureFixture:
    """The log of a task of a deployment with a repository, on Tuesday at 2 p.m."""
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", REPOSITORY)
    for module in (notify, failure_log):
        monkeypatch.setattr(module, "utc_now", lambda: TUESDAY)
    caplog.set_level(logging.INFO)
    return caplog


def labels(messages: list[str]) -> list[str]:
    return [message.partition(":")[0] for message in messages]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_task_ends_its_log_with_the_cause_the_public_and_the_runbook(
    kind: str, store: Store, slack: Slack, lines: pytest.LogCaptureFixture
) -> None:
    dag, task, page = KINDS[kind]
    notify_failure(context(ValueError(TOO_FEW), dag=dag, task=task))

    last = lines.messages[-4:]
    assert labels(last) == LABELS
    assert TOO_FEW in last[0]
    assert dag in last[0]
    assert task in last[0]
    assert (
        last[3] == f"Runbook: https://github.com/owner/name/blob/main/docs/runbooks/{page}.md#act"
    )


def test_the_last_lines_are_outside_of_airflows_collapsed_group(
    store: Store, slack: Slack, lines: pytest.LogCaptureFixture
) -> None:
    notify_failure(context(ValueError(TOO_FEW)))
    assert lines.messages[-5] == END_OF_GROUP
    assert [record.levelname for record in lines.records[-4:]] == ["ERROR"] * 4


def test_the_public_sees_what_the_watch_last_saw(
    store: Store, slack: Slack, lines: pytest.LogCaptureFixture
) -> None:
    checked = LastCheck(TUESDAY - timedelta(minutes=15), metrics=("phase2_roes_accepted",))
    change_state(store, lambda state: replace(state, last_check=checked))
    notify_failure(context(ValueError(TOO_FEW)))
    assert "The last good values, checked Tue Nov 24, 1:45 PM PST." in lines.messages[-3]

    wrong = replace(checked, wrong=("Somebody changed it.",))
    change_state(store, lambda state: replace(state, last_check=wrong))
    notify_failure(context(ValueError(TOO_FEW)))
    assert lines.messages[-3].endswith("Wrong data, or no data.")
    assert "Restore the last good version" in lines.messages[-2]


@pytest.mark.parametrize("gone", ["storage account", "message"])
def test_whatever_does_not_work_the_log_ends_with_the_same_lines(
    gone: str,
    store: Store,
    slack: Slack,
    lines: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(notify, "open_store" if gone == "storage account" else "record", broken)
    monkeypatch.setattr(
        notify, "report_without_storage", broken if gone == "message" else lambda *_: None
    )
    notify_failure(context(ValueError(TOO_FEW)))
    assert labels(lines.messages[-4:]) == LABELS
    assert "Most likely the last good values" in lines.messages[-3]


def test_an_attempt_that_airflow_repeats_says_that_nothing_is_to_be_done(
    slack: Slack, lines: pytest.LogCaptureFixture
) -> None:
    explain_retry(context(ValueError(TOO_FEW)))
    assert labels(lines.messages[-4:]) == LABELS
    assert "nothing yet" in lines.messages[-2]
    assert slack.messages() == []
    assert HOURLY["default_args"]["on_retry_callback"] is explain_retry


def test_a_bug_in_the_last_lines_fails_nothing(
    store: Store,
    slack: Slack,
    lines: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    for module, name in ((notify, "failure_lines"), (failure_log, "retry_lines")):
        monkeypatch.setattr(module, name, broken)
    notify_failure(context(ValueError(TOO_FEW)))
    explain_retry(context(ValueError(TOO_FEW)))
    assert len(slack.messages()) == 1


def test_the_details_of_an_error_are_below_it() -> None:
    found = failure_lines(replace(failure(), details=("one", "two")), "", TUESDAY)
    assert found[1:3] == ("  one", "  two")


def test_without_a_repository_the_last_line_is_the_pages_path() -> None:
    for found in (failure_lines(failure(), "", TUESDAY), retry_lines(failure(), "")):
        assert found[-1] == "Runbook: docs/runbooks/load.md#act"


def test_no_secret_is_in_the_last_lines() -> None:
    problem = failure(ValueError("refused: password=hunter2x7"))
    problem = replace(problem, details=("token=hunter2x8",))
    for found in (failure_lines(problem, "", TUESDAY), retry_lines(problem, "")):
        assert "hunter2x" not in "\n".join(found)
