"""The callbacks: from a failed task to the message in Slack, over simulated days."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from include.incidents import notify
from include.incidents.incident_log import unlogged_events
from include.incidents.notify import notify_failure, notify_success
from include.incidents.open_incidents import open_incidents
from include.incidents.slack import deliver_pending
from include.publishing.store import Store
from local.slack.limits import find_error
from tests.incidents.samples import HOLIDAY_NIGHT, TUESDAY, context
from tests.slack import Slack

HOUR = timedelta(hours=1)


class Clock:
    """The current time of the callbacks."""

    def __init__(self) -> None:
        self.now = TUESDAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(notify, "utc_now", made)
    mentions = {"CalData or Analytica staff": "S0STAFF", "Analytica on-call": "U0NIGHT"}
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_MENTIONS", json.dumps(mentions))
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", "owner/name")
    return made


def buttons(message: dict[str, Any]) -> dict[str, str]:
    """The address of each button of a message."""
    return {one["text"]["text"]: one["url"] for one in message["blocks"][-1]["elements"]}


def test_a_failed_task_is_one_message_that_slack_accepts(
    store: Store, slack: Slack, clock: Clock
) -> None:
    notify_failure(context(ValueError("expected 12000 rows, found 11000")))

    [message] = slack.messages()
    assert find_error(message) is None
    assert message["blocks"][0]["text"]["text"].endswith("LOW · usace: a load failed")
    assert "expected 12000 rows, found 11000" in message["blocks"][1]["text"]["text"]
    assert buttons(message)["Runbook: what to do"] == (
        "https://github.com/owner/name/blob/main/docs/runbooks/load.md#act"
    )
    assert buttons(message)["Open a GitHub issue"].startswith(
        "https://github.com/owner/name/issues/new?title=%5Blow%5D+usace"
    )
    [incident] = open_incidents(store, "usace")
    assert incident.responder == "CalData or Analytica staff"


def test_days_of_one_failure_are_few_messages_and_one_recovery(
    store: Store, slack: Slack, clock: Clock
) -> None:
    for hour in range(48):
        clock.now = TUESDAY + hour * HOUR
        notify_failure(context(f"expected 12000 rows, found {hour}", run=f"run {hour}"))
    clock.now = TUESDAY + 48 * HOUR
    notify_success(context(task="load"))
    notify_success(context(task="load"))

    headings = [one["blocks"][0]["text"]["text"].split(" ", 1)[1] for one in slack.messages()]
    assert headings == [
        "LOW · usace: a load failed",
        *["LOW · usace: still failing: a load failed"] * 3,
        "Recovered · usace: a load failed",
    ]
    assert "after 2 d" in slack.texts()[-1]
    assert [event["event"] for _, event in unlogged_events(store)] == [
        "opened", "reminded", "reminded", "reminded", "recovered",
    ]  # fmt: skip


def test_only_a_high_severity_mentions_a_person_at_night(
    store: Store, slack: Slack, clock: Clock
) -> None:
    clock.now = HOLIDAY_NIGHT
    notify_failure(context("out of reach"))
    assert "<@" not in json.dumps(slack.messages())
    assert "<!subteam" not in json.dumps(slack.messages())

    verify = context("it serves another file", dag="publish_metrics", task="verify")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notify, "_check_public_file", lambda store, now: None)
        notify_failure(verify)

    assert "<@U0NIGHT>" in slack.texts()[-1]
    assert "HIGH" in slack.messages()[-1]["blocks"][0]["text"]["text"]


def test_in_business_hours_the_staff_group_is_mentioned(
    store: Store, slack: Slack, clock: Clock
) -> None:
    notify_failure(context("out of reach"))
    assert "<!subteam^S0STAFF>" in json.dumps(slack.messages())


def test_a_message_is_saved_while_slack_is_down_and_sent_later(
    store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    slack.switch("down")
    notify_failure(context("out of reach", run="1"))
    slack.switch("up")
    notify_failure(context("out of reach", run="2"))

    assert slack.texts() == [], "the second failure is the same incident"
    clock.now += HOUR
    assert deliver_pending(store, clock.now) == 1
    assert "out of reach" in slack.texts()[0]


def test_with_a_github_connection_the_issue_is_created_once_per_incident(
    store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    created: list[str] = []

    def create(connection: Any, repository: str, incident: Any, who: str) -> str:
        created.append(f"{connection.password} {repository} {incident.id}")
        return "https://github.com/owner/name/issues/7"

    monkeypatch.setenv("AIRFLOW_CONN_GITHUB", '{"conn_type": "http", "password": "dummy-token"}')
    monkeypatch.setattr(notify, "create_issue", create)
    for hour in range(6):
        clock.now = TUESDAY + hour * HOUR
        notify_failure(context("out of reach", run=f"run {hour}"))
    notify_success(context(task="load"))

    [one] = created
    assert one.startswith("dummy-token owner/name")
    for message in slack.messages():
        assert buttons(message)["See the GitHub issue"].endswith("/issues/7")
    assert len(slack.messages()) == 3


def test_without_an_answer_of_github_the_message_links_to_the_form(
    store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = '{"conn_type": "http", "schema": "http", "host": "127.0.0.1", "port": 1}'
    monkeypatch.setenv("AIRFLOW_CONN_GITHUB", connection)
    notify_failure(context("out of reach"))
    assert "/issues/new?" in buttons(slack.messages()[0])["Open a GitHub issue"]


@pytest.mark.parametrize(
    "part", ["describe_failure", "assess_severity", "choose_responder", "failure_message"]
)
def test_a_callback_that_fails_still_reports_the_failed_task(
    part: str, store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **named: object) -> None:
        raise RuntimeError("a bug in the callback")

    monkeypatch.setattr(notify, part, broken)

    notify_failure(context("<!channel> out of reach"))

    [text] = slack.texts()
    assert "*usace* failed in `load`" in text
    assert "out of reach" in text
    assert "<!channel>" not in text


def test_without_the_storage_account_every_failure_is_posted(
    slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> Store:
        raise ConnectionError("no storage account")

    monkeypatch.setattr(notify, "open_store", gone)
    notify_failure(context("out of reach"))
    notify_failure(context("out of reach"))
    notify_success(context())
    assert len(slack.texts()) == 2
    assert "could not be checked" in json.dumps(slack.messages()[0])


def test_an_invalid_variable_mentions_nobody_and_stops_nothing(
    store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_MENTIONS", '{"CalData or Analytica staff": "<!here>"}')
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", "not a repository")
    notify_failure(context("out of reach"))
    [message] = slack.messages()
    assert "<!here>" not in json.dumps(message)
    assert set(buttons(message)) == {"Open the log", "Open the run"}
