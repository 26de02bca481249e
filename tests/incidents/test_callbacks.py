"""The callbacks step by step: what they post, save and log, also if a step of theirs fails."""

import json
from dataclasses import replace
from typing import Any

import pytest

from include.incidents import notify
from include.incidents.incident import Event, new_incident
from include.incidents.incident_log import unlogged_events
from include.incidents.issue import new_issue_url
from include.incidents.message import Links, failure_message, recovery_message
from include.incidents.notify import notify_failure, notify_success, post_to_slack
from include.incidents.on_call import STAFF, Responder
from include.incidents.open_incidents import open_incidents
from include.incidents.severity import Assessment, computed_metrics
from include.publishing.store import Store
from include.times import CALIFORNIA
from tests.incidents.samples import LOG, TUESDAY, context, failure
from tests.publishing.memory_store import MemoryStore

RUN_URL = "http://airflow.example/dags/usace/runs/1"
RUNBOOK = "https://github.com/owner/name/blob/main/docs/runbooks/load.md#act"
ISSUE = "https://github.com/owner/name/issues/7"
STAFF_BY_FIVE = Responder(
    STAFF, TUESDAY.astimezone(CALIFORNIA).replace(hour=17), "<!subteam^S0STAFF>"
)
UNPUBLISHED = Assessment(
    "low",
    "Nothing has been published yet, so nothing wrong is public.",
    "No file yet.",
    computed_metrics()["usace"],
)
NOT_OPENED = "The storage account could not be opened: messages cannot be saved"
GITHUB = {"conn_type": "http", "schema": "http", "host": "127.0.0.1", "port": 1}


class Delivered(list[dict[str, Any]]):
    """The messages, each as the webhook takes it, and the stores to save them in."""

    def __init__(self) -> None:
        self.stores: list[Store | None] = []

    def __call__(self, store: Store | None, message: dict[str, Any], now: object) -> bool:
        assert now == TUESDAY
        self.append(message)
        self.stores.append(store)
        return True


@pytest.fixture
def delivered(monkeypatch: pytest.MonkeyPatch) -> Delivered:
    """A deployment with a repository, on Tuesday at 2 p.m."""
    made = Delivered()
    monkeypatch.setattr(notify, "deliver", made)
    monkeypatch.setattr(notify, "utc_now", lambda: TUESDAY)
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_MENTIONS", json.dumps({STAFF: "S0STAFF"}))
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", "owner/name")
    monkeypatch.delenv("AIRFLOW_CONN_GITHUB", raising=False)
    return made


def raising(*_: object, **__: object) -> Any:
    raise ConnectionError("no answer")


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines that the callbacks logged."""
    return [each.getMessage() for each in caplog.records if each.name == notify.__name__]


def test_a_failure_is_posted_and_saved_with_its_responder(
    store: MemoryStore, delivered: Delivered, caplog: pytest.LogCaptureFixture
) -> None:
    notify_failure(context("out of reach"))

    opened = replace(new_incident(failure("out of reach"), UNPUBLISHED), responder=STAFF)
    form = new_issue_url("owner/name", opened, STAFF)
    links = Links(LOG, RUN_URL, RUNBOOK, form)
    assert delivered == [failure_message(Event.OPENED, opened, STAFF_BY_FIVE, links).as_dict()]
    assert delivered.stores == [store]
    assert open_incidents(store, "usace") == [opened]
    [(_, event)] = unlogged_events(store)
    assert (event["event"], event["responder"], event["issue_url"]) == ("opened", STAFF, "")
    assert event["at"] == TUESDAY.isoformat()
    assert logged(caplog) == []


def test_a_known_failure_is_only_logged(
    store: MemoryStore, delivered: Delivered, caplog: pytest.LogCaptureFixture
) -> None:
    notify_failure(context("out of reach"))
    notify_failure(context("out of reach", run="2"))

    assert len(delivered) == 1
    assert len(list(unlogged_events(store))) == 1
    [known] = open_incidents(store, "usace")
    assert known.runs == 2
    assert logged(caplog) == [f"Slack knows this failure as the incident {known.id}"]


def test_a_recovery_is_posted_without_the_form_and_saved(
    store: MemoryStore, delivered: Delivered
) -> None:
    notify_failure(context("out of reach"))
    [opened] = open_incidents(store, "usace")

    notify_success(context(task="load"))

    closed = replace(opened, closed_at=TUESDAY)
    expected = recovery_message(closed, Links(LOG, RUN_URL, RUNBOOK))
    assert delivered[1:] == [expected.as_dict()]
    assert delivered.stores == [store, store]
    assert open_incidents(store, "usace") == []
    events = [event for _, event in unlogged_events(store)]
    assert sorted(event["event"] for event in events) == ["opened", "recovered"]


def test_a_created_issue_is_linked_and_saved(
    store: MemoryStore, delivered: Delivered, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []

    def create(connection: Any, repository: str, incident: Any, who: str) -> str:
        asked.append((connection.host, repository, incident.dag, who))
        return ISSUE

    monkeypatch.setenv("AIRFLOW_CONN_GITHUB", json.dumps(GITHUB))
    monkeypatch.setattr(notify, "create_issue", create)

    notify_failure(context("out of reach"))
    notify_success(context(task="load"))

    assert asked == [("127.0.0.1", "owner/name", "usace", STAFF)]
    buttons = Links(LOG, RUN_URL, RUNBOOK, ISSUE, issue_exists=True).buttons()
    assert [message["blocks"][-1]["elements"] for message in delivered] == [buttons, buttons]
    assert {event["issue_url"] for _, event in unlogged_events(store)} == {ISSUE}


@pytest.mark.parametrize("repository", ["", "owner/name"])
def test_without_a_repository_or_an_answer_no_issue_is_saved(
    repository: str, store: MemoryStore, delivered: Delivered, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def create(connection: Any, repository: str, incident: Any, who: str) -> str:
        asked.append(repository)
        raise ConnectionError("no answer")

    monkeypatch.setenv("AIRFLOW_CONN_GITHUB", json.dumps(GITHUB))
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", repository)
    monkeypatch.setattr(notify, "create_issue", create)

    notify_failure(context("out of reach"))

    assert asked == [repository] * bool(repository)
    assert [incident.issue_url for incident in open_incidents(store, "usace")] == [""]
    labels = [each["text"]["text"] for each in delivered[0]["blocks"][-1]["elements"]]
    assert labels == ["Open the log", "Open the run"] + (
        ["Runbook: what to do", "Open a GitHub issue"] if repository else []
    )


def test_without_the_storage_account_a_failure_is_posted_and_nothing_else_is_tried(
    delivered: Delivered, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(notify, "open_store", raising)

    notify_failure(context("out of reach"))

    fields = delivered[0]["blocks"][2]["fields"]
    assert fields[0]["text"] == (
        "*Severity*\nLOW. The public file could not be checked: the storage account does not"
        " answer. This step cannot change the file."
    )
    assert delivered.stores == [None]
    assert logged(caplog) == [NOT_OPENED]


LINES = {
    "check_public_file": "The public file could not be checked",
    "open_incidents.record_failure": (
        "The incident could not be recorded: each failure will be posted"
    ),
    "save_event": "The event of the incident could not be saved",
    "open_incidents.save_response": "The event of the incident could not be saved",
}


@pytest.mark.parametrize("part", LINES)
def test_a_step_that_fails_is_logged_and_the_message_is_complete(
    part: str,
    store: MemoryStore,
    delivered: Delivered,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(f"include.incidents.notify.{part}", raising)

    notify_failure(context("out of reach"))

    assert logged(caplog) == [LINES[part]]
    [message] = delivered
    assert delivered.stores == [store]
    assert message["blocks"][0]["text"]["text"].endswith("LOW · usace: a load failed")
    assert ("could not be checked" in json.dumps(message)) is (part == "check_public_file")


def test_if_the_message_cannot_be_made_a_short_one_is_posted(
    store: MemoryStore,
    delivered: Delivered,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(notify, "describe_failure", raising)

    notify_failure(context(f"<{'x' * 400}\nmore", dag="a&b"))

    error = f"`&lt;{'x' * 298}…`"
    assert delivered == [{"text": f":red_circle: *a&amp;b* failed in `load`: {error}"}]
    assert delivered.stores == [store]
    assert logged(caplog) == [
        "The incident message could not be made; a short one is posted instead"
    ]


def test_a_success_that_cannot_be_recorded_is_logged(
    delivered: Delivered, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(notify, "open_store", raising)

    notify_success(context(task="load"))

    assert delivered == []
    assert logged(caplog) == ["The success could not be recorded: an incident may stay open"]


def test_a_text_is_posted_and_saved_if_it_can_be(
    store: MemoryStore, delivered: Delivered, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_to_slack("one")
    monkeypatch.setattr(notify, "open_store", raising)
    post_to_slack("two")

    assert delivered == [{"text": "one"}, {"text": "two"}]
    assert delivered.stores == [store, None]
