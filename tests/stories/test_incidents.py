"""Failures through the real task runner: each is reported once, whatever is lost on the way."""

import json
import socket
from datetime import timedelta

import pytest

from include.incidents.incident_file import change_state, read_state
from include.incidents.report import MAY_BE_IN_DELIVERY
from include.publishing.versions import PUBLISHED
from include.times import utc_now
from tests.scheduling.fault_injection import Fault
from tests.stories.conftest import Story
from tests.whole_dags.helpers import messages

# One task of each kind.
KILLED = (
    "malibu.load_fire_rebuild_points",
    "malibu.transform.malibu_metrics_model_build",
    "malibu.unload",
    "malibu.release",
    "publish_metrics.audit",
    "airtable.sync",
    "watch_publication.keep_incident_log",
)


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


@pytest.mark.parametrize("task", KILLED)
def test_a_task_that_is_killed_in_its_last_try_is_reported_once_and_recovers_once(
    task: str, story: Story
) -> None:
    dag = task.partition(".")[0]
    if dag == "publish_metrics":
        story.change(story.before + 1)
    # At the first message over the network of each try.
    story.airflow.kill(task, times=3)
    run = story.airflow.run(dag)
    name = task.partition(".")[2]
    assert story.people.states(run, name) == {name: "failed"}
    if dag != "watch_publication":
        assert incidents(story) == [], "Airflow calls no callback for a killed task"

    for _ in range(2):
        watch(story)

    [reported] = [text for text in incidents(story) if text.startswith(":large_yellow_circle:")]
    assert "killed" in reported
    story.people.clear(run, name)
    story.airflow.work()
    for _ in range(2):
        watch(story)
    [recovered] = [text for text in incidents(story) if text.startswith(":white_check_mark:")]
    assert dag in recovered
    assert read_state(story.store).open == ()


def test_a_failure_that_is_marked_as_success_is_over(story: Story) -> None:
    story.airflow.faults["malibu.release"] = [Fault("fails")] * 3
    run = story.airflow.run("malibu", force_full_load=True)
    assert len(incidents(story)) == 1

    story.people.mark(run, "release", "success")
    watch(story)

    assert incidents(story)[-1].startswith(":white_check_mark:")


def test_a_failure_in_a_dag_that_is_switched_off_is_over(story: Story) -> None:
    story.airflow.faults["malibu.unload"] = [Fault("fails")] * 3
    story.airflow.run("malibu", force_full_load=True)
    story.people.pause("malibu")

    watch(story)

    assert [one.latest.key for one in read_state(story.store).open] == ["DAGs: malibu is paused"]


def test_slack_has_a_failure_although_the_storage_account_is_silent_and_the_watch_records_it(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.airflow.faults["set_severity.set_severity"] = [Fault("fails")] * 3
    with socket.socket() as silent, monkeypatch.context() as patch:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        account = f"http://127.0.0.1:{silent.getsockname()[1]}/silent"
        text = (
            f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2k=;BlobEndpoint={account};"
        )
        connection = {"conn_type": "wasb", "extra": {"connection_string": text}}
        patch.setenv("AIRFLOW_CONN_AZURE_STORAGE", json.dumps(connection))
        story.airflow.run("set_severity", reason="to be broken")
    [posted] = incidents(story)
    assert "the task fails before any work" in posted
    assert read_state(story.store).incidents == ()

    watch(story)

    assert incidents(story) == [posted], "Slack has it already"
    assert [one.tasks for one in read_state(story.store).open] == [("set_severity.set_severity",)]
    story.airflow.run("set_severity", reason="to be broken")
    watch(story)
    assert incidents(story)[1].startswith(":white_check_mark:")


def test_a_callback_that_is_killed_before_it_has_posted_loses_nothing(story: Story) -> None:
    # The attempt's last message is the callback's: it fails before any other work.
    story.airflow.faults["set_severity.set_severity"] = [Fault("fails")] * 3
    story.airflow.run("set_severity", reason="to be broken")
    change_state(story.store, lambda state: type(state)())
    before = len(incidents(story))

    watch(story)

    assert len(incidents(story)) == before + 1
    assert [one.tasks for one in read_state(story.store).open] == [("set_severity.set_severity",)]


def test_a_message_that_slack_did_not_get_is_sent_by_the_watch(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack = json.dumps({"conn_type": "slackwebhook", "password": "http://127.0.0.1:1/closed"})
    story.airflow.faults["malibu.unload"] = [Fault("fails")] * 3
    with monkeypatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_SLACK_INCIDENTS", slack)
        story.airflow.run("malibu", force_full_load=True)
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
