"""Failures through the real task runner: each is reported once, whatever is lost on the way."""

import json
import socket
from datetime import timedelta

import pytest

from include.incidents.incident_file import State, change_state, read_state
from include.incidents.report import MAY_BE_IN_DELIVERY
from include.publishing.versions import PUBLISHED
from include.times import utc_now
from local.airflow_api import Run
from tests.scheduling.fault_injection import Fault
from tests.stories.conftest import Story
from tests.whole_dags.helpers import messages

# The first kinds of tasks in a chain; each fails at its first message over the network.
CHAIN = (
    "load_fire_rebuild_points",
    "transform.malibu_metrics_model_build",
    "unload",
    "release",
)
OTHERS = ("airtable.sync", "publish_metrics.audit", "watch_publication.watch_dags")


@pytest.fixture(autouse=True)
def callbacks_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch comes right after a failure, and not minutes later."""
    monkeypatch.setattr("include.pipeline.airflow_problems.CALLBACK_TIME", timedelta(0))


def watch(story: Story) -> None:
    story.airflow.run("watch_publication")


def incidents(story: Story) -> list[str]:
    """The texts about incidents, oldest first."""
    marks = (":rotating_light:", ":large_yellow_circle:", ":white_check_mark:", ":red_circle:")
    return [one["text"] for one in messages(story.cloud) if one["text"].startswith(marks)]


def fail_once(story: Story) -> Run:
    """A run of the shortest DAG, whose only task fails."""
    story.airflow.faults["set_severity.set_severity"] = [Fault("fails")] * 3
    return story.airflow.run("set_severity", incident="none", reason="to be broken")


def open_tasks(story: Story) -> list[str]:
    """The failed tasks of the open incidents."""
    return [task for incident in read_state(story.store).open for task in incident.tasks]


def test_each_task_of_a_chain_that_is_killed_in_its_last_try_is_reported_and_recovers(
    story: Story,
) -> None:
    story.airflow.kill(f"malibu.{CHAIN[0]}", times=3)
    run = story.airflow.run("malibu", force_full_load=True)
    for task, following in zip(CHAIN, (*CHAIN[1:], ""), strict=True):
        assert story.people.states(run, task) == {task: "failed"}
        before = incidents(story)
        watch(story)
        watch(story)
        new = incidents(story)[len(before) :]
        assert sum(text.startswith(":large_yellow_circle:") for text in new) == 1
        assert "killed" in new[-1]
        assert open_tasks(story) == [f"malibu.{task}"]
        story.airflow.kill(f"malibu.{following}", times=3)
        story.people.clear(run, task)
        story.airflow.work()
    watch(story)

    assert open_tasks(story) == []
    assert story.people.states(run, "release") == {"release": "success"}


@pytest.mark.parametrize("key", OTHERS)
def test_a_task_that_is_killed_in_its_last_try_is_reported_once_and_recovers_once(
    key: str, story: Story
) -> None:
    dag, _, task = key.partition(".")
    if dag == "publish_metrics":
        story.change(story.before + 1)
    story.airflow.kill(key, times=3)
    run = story.airflow.run(dag)
    assert story.people.states(run, task) == {task: "failed"}
    assert not any("killed" in text for text in incidents(story)), "Airflow calls no callback"

    watch(story)

    reported = [text for text in incidents(story) if "killed" in text]
    assert len(reported) == 1
    assert open_tasks(story) == [key]
    story.people.clear(run, task, downstream=False)
    story.airflow.work()
    watch(story)
    watch(story)
    [recovered] = [text for text in incidents(story) if text.startswith(":white_check_mark:")]
    assert dag in recovered
    assert open_tasks(story) == []


def test_a_failure_that_is_marked_as_success_is_over(story: Story) -> None:
    run = fail_once(story)
    assert len(incidents(story)) == 1

    story.people.mark(run, "set_severity", "success")
    watch(story)

    assert incidents(story)[-1].startswith(":white_check_mark:")


def test_a_failure_in_a_dag_that_is_switched_off_is_over(story: Story) -> None:
    fail_once(story)
    story.people.pause("set_severity")

    watch(story)

    assert open_tasks(story) == []
    assert "set_severity is paused" in json.dumps(messages(story.cloud))


def test_slack_has_a_failure_although_the_storage_account_is_silent_and_the_watch_records_it(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as silent, monkeypatch.context() as patch:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        account = f"http://127.0.0.1:{silent.getsockname()[1]}/silent"
        text = (
            f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2k=;BlobEndpoint={account};"
        )
        connection = {"conn_type": "wasb", "extra": {"connection_string": text}}
        patch.setenv("AIRFLOW_CONN_AZURE_STORAGE", json.dumps(connection))
        fail_once(story)
    [posted] = incidents(story)
    assert "the task fails before any work" in posted
    assert read_state(story.store).incidents == ()

    watch(story)

    assert incidents(story) == [posted], "Slack has it already"
    assert open_tasks(story) == ["set_severity.set_severity"]
    story.airflow.run("set_severity", incident="none", reason="to be broken")
    watch(story)
    assert incidents(story)[1].startswith(":white_check_mark:")


def test_a_failure_of_which_no_incident_is_left_is_reported_by_the_watch(story: Story) -> None:
    fail_once(story)
    change_state(story.store, lambda _: State())
    before = len(incidents(story))

    watch(story)

    assert len(incidents(story)) == before + 1
    assert open_tasks(story) == ["set_severity.set_severity"]


def test_a_message_that_slack_did_not_get_is_sent_by_the_watch(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = json.dumps({"conn_type": "slackwebhook", "password": "http://127.0.0.1:1/closed"})
    with monkeypatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_SLACK_INCIDENTS", closed)
        fail_once(story)
    assert incidents(story) == []
    monkeypatch.setattr("include.incidents.report.MAY_BE_IN_DELIVERY", -MAY_BE_IN_DELIVERY)

    watch(story)

    assert len(incidents(story)) == 1


def test_a_tampered_file_is_reported_with_the_altered_metrics_and_is_over_when_it_is_restored(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.pipeline.monitor.check_again", lambda check: check())
    version, right = story.version, story.store.need(PUBLISHED)
    story.store.write(PUBLISHED, right.content.replace(b"100", b"900"), right.metadata)
    story.store.serve_as_json(PUBLISHED)

    watch(story)
    [high] = [text for text in incidents(story) if text.startswith(":rotating_light:")]
    assert "HIGH" in high
    assert "malibu_building_permits_issued" in json.dumps(messages(story.cloud))
    story.restore(version)
    watch(story)

    assert incidents(story)[-1].startswith(":white_check_mark:")


def test_the_watch_writes_the_heartbeat(story: Story) -> None:
    from include.publishing.heartbeat import HEARTBEAT

    watch(story)

    at = story.store.need(HEARTBEAT).modified_at
    assert utc_now() - at < timedelta(minutes=10)
