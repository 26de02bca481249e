"""The failure callback: Slack has a failure soon, whatever does not answer, and has it once."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.incidents import notify, report
from include.incidents.airflow_links import form_url
from include.incidents.alert_types import ALERT_TYPES
from include.incidents.decide import Observation, decide
from include.incidents.failed_task import POSTED, assessed, failed_task
from include.incidents.incident import TASKS, Event
from include.incidents.incident_file import Post, change_state, read_state
from include.incidents.notify import notify_failure, post_to_slack
from include.incidents.report import deliver_pending
from include.incidents.severity import LastCheck
from include.publishing.earlier import EARLIER_URL
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED
from local.slack.limits import find_error
from tests.incidents.sample_incidents import ALTERED, MISSING, PAUSED
from tests.incidents.samples import HOLIDAY_NIGHT, LOG, TOO_FEW, TUESDAY, context, failure
from tests.slack import Slack

HOUR = timedelta(hours=1)


class Clock:
    """The current time of the callbacks."""

    def __init__(self) -> None:
        self.now = TUESDAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    """A deployment on Tuesday at 2 p.m., on a machine that has posted nothing."""
    made = Clock()
    monkeypatch.setattr(notify, "utc_now", made)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    mentions = {
        "CalData or Analytica staff": "S0STAFF",
        "Analytica engineer 2": "U0NIGHT",
        "Analytica on-call": "U0NIGHT",
    }
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_MENTIONS", json.dumps(mentions))
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", "owner/name")
    monkeypatch.delenv("AIRFLOW_CONN_GITHUB", raising=False)
    return made


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


def no_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Store:
        raise ConnectionError("no storage account")

    monkeypatch.setattr(notify, "open_store", gone)


def record_failure(store: Store, now: datetime) -> tuple[Post, ...]:
    """The messages about a failure that nobody has sent yet."""
    seen = Observation(now, (failure("out of reach"),))
    return report.record(store, lambda state: decide(state.incidents, seen, now), now)[1]


def buttons(message: dict[str, Any]) -> dict[str, str]:
    """The address of each button of a message."""
    elements = [one for block in message["blocks"] for one in block.get("elements", ())]
    return {one["text"]["text"]: one["url"] for one in elements if "url" in one}


def test_a_failed_task_is_one_message_that_slack_accepts(
    store: Store, slack: Slack, clock: Clock
) -> None:
    notify_failure(context(ValueError(TOO_FEW)))

    [message] = slack.messages()
    assert find_error(message) is None
    assert "LOW" in message["text"]
    assert TOO_FEW in json.dumps(message)
    assert buttons(message)["Log"] == LOG
    assert "<!subteam^S0STAFF>" in message["text"]
    state = read_state(store)
    [incident] = state.open
    assert (incident.responder, incident.tasks) == ("CalData or Analytica staff", ("usace.load",))
    assert incident.issue_url == "", "without a connection, nobody has created one"
    assert state.posts == ()
    assert [entry.event for entry in state.entries] == [Event.OPENED]


def test_a_failed_promotion_links_to_the_public_file(
    store: Store, slack: Slack, clock: Clock
) -> None:
    notify_failure(context(ValueError("Changed."), dag="publish_metrics", task="promote"))

    [message] = slack.messages()
    assert buttons(message)["Public file"] == store.public_url(PUBLISHED)


def test_a_wrong_file_can_be_restored_from_its_message(
    store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.incidents.settings.airflow_url", lambda: "https://a.example")
    seen = Observation(clock.now, (replace(ALTERED, at=clock.now),))

    report.report(store, lambda state: decide(state.incidents, seen, clock.now), clock.now)

    [message] = slack.messages()
    form = "https://a.example/plugin/sources/ddrc/run/restore_metrics"
    assert buttons(message)["Restore a version"] == form
    assert "Release the hold" not in buttons(message)


def test_an_earlier_file_that_is_gone_is_linked_instead_of_the_public_file(
    store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EARLIER_URL, "https://earlier.example/f.json?key=dummy")
    gone = replace(MISSING, key="public file: earlier file", at=clock.now)
    seen = Observation(clock.now, (gone,))

    report.report(store, lambda state: decide(state.incidents, seen, clock.now), clock.now)

    [message] = slack.messages()
    assert buttons(message)["Public file"] == "https://earlier.example/f.json"


def test_a_reached_quota_is_explained_and_linked_whatever_failed(
    store: Store, slack: Slack, clock: Clock
) -> None:
    error = (
        "090073 (22000): Warehouse 'W' cannot be resumed because resource monitor 'DDRC_PRD' has "
        "exceeded its quota."
    )
    notify_failure(context(ValueError(error)))

    [message] = slack.messages()
    assert "the credit quota of the resource monitor 'DDRC_PRD' is reached" in json.dumps(message)
    assert buttons(message)["Runbook"].endswith("/docs/runbooks/load.md#a-reached-credit-quota")


DROP = (
    "usace: 100 rows are far fewer than the 12,000 of the last good load. The table is unchanged;"
    " if the drop is real, accept it with a reason"
)


FORCED, DROPPED = "?force_full_load=true", "?accept_drop="
FORMS: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "a load": ("usace", "load", "out of reach", {"Load again": f"usace{FORCED}"}),
    "a sync": ("airtable", "sync", "refused", {"Load again": f"airtable{FORCED}"}),
    "a drop": (
        "usace",
        "load",
        DROP,
        {"Accept the drop": f"usace{DROPPED}", "Load again": f"usace{FORCED}"},
    ),
    "an unload": ("epa", "unload", "refused", {}),
    "an audit": ("publish_metrics", "audit", "invalid", {}),
    "a source that has been removed": ("santa_ana", "load", "out of reach", {}),
}


@pytest.mark.parametrize("case", FORMS)
def test_a_message_has_the_forms_that_load_its_source_again(
    case: str, store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    dag, task, error, expected = FORMS[case]
    monkeypatch.setattr("include.incidents.settings.airflow_url", lambda: "https://a.example")
    notify_failure(context(ValueError(error), dag=dag, task=task))
    made = buttons(slack.messages()[0])
    form = "https://a.example/plugin/sources/ddrc/run/"
    assert {
        label: url.removeprefix(form)
        for label, url in made.items()
        if label in ("Accept the drop", "Load again")
    } == expected
    [incident] = read_state(store).open
    assert made["Set the severity"] == f"{form}set_severity?incident={incident.id}"


def test_the_errors_of_a_drop_still_have_the_words_that_the_message_looks_for() -> None:
    source = Path("include/loaders/load.py").read_text()
    assert report.IS_DROP in source
    assert report.HOLD_STAYS in ALERT_TYPES["public-file"].findings


def test_a_known_failure_is_recorded_and_not_posted(
    store: Store, slack: Slack, clock: Clock
) -> None:
    for hour in range(48):
        clock.now = TUESDAY + hour * HOUR
        notify_failure(context(f"expected 12000 rows, found {hour}", run=f"run {hour}"))

    assert len(slack.messages()) == 1
    [incident] = read_state(store).open
    assert incident.failures == 48


def test_at_night_only_a_high_severity_mentions_a_person(
    store: Store, slack: Slack, clock: Clock
) -> None:
    clock.now = HOLIDAY_NIGHT
    notify_failure(context("out of reach"))
    assert "<@" not in json.dumps(slack.messages())
    assert "<!subteam" not in json.dumps(slack.messages())

    notify_failure(context("it serves another file", dag="publish_metrics", task="verify"))

    assert "<@U0NIGHT>" in slack.texts()[-1]
    assert "HIGH" in slack.texts()[-1]


def test_a_message_of_several_incidents_calls_a_person_and_offers_to_rate_any_of_them(
    store: Store, slack: Slack, clock: Clock
) -> None:
    check = LastCheck(HOLIDAY_NIGHT, wrong=("Somebody changed it.",))
    problems = (
        failed_task(context("no", dag="publish_metrics", task="verify"), HOLIDAY_NIGHT),
        assessed(failed_task(context("out of reach"), HOLIDAY_NIGHT), check, HOLIDAY_NIGHT),
    )
    seen = Observation(HOLIDAY_NIGHT, problems)
    report.report(store, lambda state: decide(state.incidents, seen, HOLIDAY_NIGHT), HOLIDAY_NIGHT)

    [message] = slack.messages()
    assert "2 incidents" in json.dumps(message)
    assert "<@U0NIGHT>" in message["text"]
    assert buttons(message)["Set the severity"] == form_url("set_severity")


def test_the_gravest_of_several_incidents_decides_who_responds(
    store: Store, slack: Slack, clock: Clock
) -> None:
    clock.now = HOLIDAY_NIGHT
    seen = Observation(clock.now, tuple(replace(one, at=clock.now) for one in (ALTERED, PAUSED)))

    report.report(store, lambda state: decide(state.incidents, seen, clock.now), clock.now)

    [message] = slack.messages()
    assert "2 incidents" in json.dumps(message)
    assert "<@U0NIGHT>" in message["text"]


def test_while_a_person_is_called_for_a_wrong_file_other_failures_call_nobody(
    store: Store, slack: Slack, clock: Clock
) -> None:
    clock.now = HOLIDAY_NIGHT
    notify_failure(context("it serves another file", dag="publish_metrics", task="verify"))
    check = LastCheck(HOLIDAY_NIGHT, wrong=("Somebody changed it.",))
    change_state(store, lambda state: replace(state, last_check=check))

    notify_failure(context("out of reach"))

    assert "HIGH" in slack.texts()[-1]
    assert "<@U0NIGHT>" not in json.dumps(slack.messages()[-1])


def test_a_message_waits_while_slack_is_down_and_is_sent_later(
    store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    slack.switch("down")
    notify_failure(context("out of reach", run="1"))
    slack.switch("up")
    notify_failure(context("out of reach", run="2"))
    assert slack.texts() == [], "the second failure is the same incident"

    assert deliver_pending(store, read_state(store), clock.now) == 0, "it may be in delivery"
    clock.now += HOUR
    assert deliver_pending(store, read_state(store), clock.now) == 1
    assert deliver_pending(store, read_state(store), clock.now) == 0

    [message] = slack.messages()
    assert "out of reach" in json.dumps(message)


def test_a_message_says_what_happened_to_its_incident(
    store: Store, slack: Slack, clock: Clock
) -> None:
    notify_failure(context("out of reach"))
    later = clock.now + HOUR
    nothing = Observation(later, checked=frozenset({TASKS}))

    report.report(store, lambda state: decide(state.incidents, nothing, later), later)

    opened, recovered = slack.texts()
    assert "LOW" in opened
    assert recovered.startswith(":white_check_mark:")


def test_a_message_that_cannot_be_noted_as_sent_stays_to_be_sent(
    store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    [post] = record_failure(store, clock.now)

    def gone(*_: object) -> None:
        raise ConnectionError("no storage account")

    with monkeypatch.context() as while_it_is_down:
        while_it_is_down.setattr(report, "note_sent", gone)
        assert report.deliver(store, [post], clock.now) == 1

    assert len(slack.texts()) == 1
    assert [one.id for one in read_state(store).posts] == [post.id]


def test_a_silent_storage_account_delays_no_message(
    slack: Slack, clock: Clock, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = f"http://127.0.0.1:{silent_port}/silent"
    text = (
        f"DefaultEndpointsProtocol=http;AccountName=silent;AccountKey=c2k=;BlobEndpoint={account}"
    )
    connection = {"conn_type": "wasb", "extra": {"connection_string": f"{text};"}}
    monkeypatch.setenv("AIRFLOW_CONN_AZURE_STORAGE", json.dumps(connection))
    monkeypatch.setattr(notify, "STORAGE_SECONDS", 0.2)

    notify_failure(context("out of reach"))

    [message] = slack.messages()
    assert "out of reach" in json.dumps(message)
    assert "LOW" in message["text"]


@pytest.mark.parametrize(("seconds", "is_recorded"), [(0.0, True), (0.1, False)])
def test_a_storage_account_that_answers_too_late_records_nothing_twice(
    *,
    seconds: float,
    is_recorded: bool,
    store: Store,
    slack: Slack,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = iter((0.0, notify.STORAGE_SECONDS + seconds))
    monkeypatch.setattr(notify, "monotonic", lambda: next(times))

    notify_failure(context("out of reach"))

    assert len(slack.messages()) == 1
    assert bool(read_state(store).open) is is_recorded, "else the watch records it"


def test_a_mark_that_another_process_deletes_first_is_no_error(
    slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    no_storage(monkeypatch)
    notify_failure(context("out of reach"))
    clock.now += HOUR
    touch = Path.touch

    def after_another(path: Path, **options: Any) -> None:
        for old in path.parent.iterdir():
            old.unlink()
        touch(path, **options)

    monkeypatch.setattr(Path, "touch", after_another)
    notify_failure(context("out of reach"))

    assert sum(POSTED in message for message in caplog.messages) == 2


def test_a_silent_github_delays_no_message_and_the_form_is_linked(
    store: Store, slack: Slack, clock: Clock, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = {"conn_type": "http", "schema": "http", "host": "127.0.0.1", "port": silent_port}
    monkeypatch.setenv("AIRFLOW_CONN_GITHUB", json.dumps(connection))
    monkeypatch.setattr(report, "_GITHUB_SECONDS", 0.2)

    notify_failure(context("out of reach"))

    [message] = slack.messages()
    assert any("/issues/new?" in address for address in buttons(message).values())


def test_with_a_github_connection_the_issue_is_created_once_for_an_incident(
    store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    created: list[str] = []

    def create(connection: Any, repository: str, *_: object) -> str:
        created.append(f"{connection.password} {repository}")
        return "https://github.com/owner/name/issues/7"

    monkeypatch.setenv("AIRFLOW_CONN_GITHUB", '{"conn_type": "http", "password": "dummy-token"}')
    monkeypatch.setattr(report, "create_issue", create)
    for hour in range(6):
        clock.now = TUESDAY + hour * HOUR
        notify_failure(context("out of reach", run=f"run {hour}"))

    assert created == ["dummy-token owner/name"]
    clock.now = TUESDAY + timedelta(days=1)
    seen = Observation(clock.now, checked=frozenset({TASKS}), present=frozenset({"usace.load"}))
    report.report(store, lambda state: decide(state.incidents, seen, clock.now), clock.now)
    assert len(slack.messages()) == 2, "it is reminded of"
    assert created == ["dummy-token owner/name"]
    assert read_state(store).open[0].issue_url.endswith("/issues/7")
    assert any(address.endswith("/issues/7") for address in buttons(slack.messages()[0]).values())


def test_without_a_repository_github_is_not_asked(
    store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def create(*given: object) -> str:
        asked.append(given)
        return ""

    monkeypatch.setenv("AIRFLOW_CONN_GITHUB", '{"conn_type": "http", "password": "dummy-token"}')
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", "")
    monkeypatch.setattr(report, "create_issue", create)

    notify_failure(context("out of reach"))

    assert len(slack.messages()) == 1
    assert asked == []


def test_without_storage_a_cause_is_posted_once_an_hour_and_the_tasks_log_says_so(
    slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    no_storage(monkeypatch)
    for minutes in (0, 5, 20):
        clock.now = TUESDAY + timedelta(minutes=minutes)
        notify_failure(context("out of reach", run=f"run {minutes}"))
    assert len(slack.texts()) == 1
    notify_failure(context("another cause"))
    assert len(slack.texts()) == 2
    clock.now = TUESDAY + HOUR
    notify_failure(context("out of reach"))
    assert len(slack.texts()) == 3

    assert sum(POSTED in message for message in caplog.messages) == 5
    assert "NoneType" not in caplog.text


def test_a_mark_that_is_gone_before_slack_refuses_is_no_error(
    slack: Slack,
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    no_storage(monkeypatch)

    def refuse_and_delete(*given: object) -> None:
        for mark in tmp_path.glob("ddrc-posted-*"):
            mark.unlink()

    monkeypatch.setattr(notify, "send", refuse_and_delete)
    notify_failure(context("out of reach"))
    assert "The incident message could not be made" not in caplog.text


def test_without_storage_and_slack_the_next_failure_is_posted(
    slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    no_storage(monkeypatch)
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    slack.switch("down")
    notify_failure(context("out of reach"))
    assert not any(POSTED in message for message in caplog.messages), "the watch reports it"
    slack.switch("up")
    notify_failure(context("out of reach"))

    assert len(slack.texts()) == 1


@pytest.mark.parametrize("part", ["notify.failed_task", "notify.decide", "report.notice_message"])
def test_a_bug_in_the_callback_hides_no_failure(
    part: str, store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **named: object) -> None:
        raise RuntimeError("a bug in the callback")

    monkeypatch.setattr(f"include.incidents.{part}", broken)

    notify_failure(context("<!channel> out of reach"))

    [text] = slack.texts()
    assert "usace" in text
    assert "out of reach" in text
    assert "<!channel>" not in text


def test_a_bug_in_the_callback_and_a_silent_slack_leave_the_message_in_the_tasks_log(
    slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(notify, "_report_failure", lambda *given: 1 / 0)
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    slack.switch("down")

    notify_failure(context("out of reach"))

    [lost] = [message for message in caplog.messages if "A MESSAGE DID NOT REACH SLACK" in message]
    assert "out of reach" in lost


def test_an_invalid_variable_mentions_nobody_and_stops_nothing(
    store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_MENTIONS", '{"CalData or Analytica staff": "<!here>"}')
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", "not a repository")

    notify_failure(context("out of reach"))

    [message] = slack.messages()
    assert "<!here>" not in json.dumps(message)
    assert not any("github" in address for address in buttons(message).values())


def test_a_text_that_cannot_wait_in_the_storage_account_is_posted(
    store: Store, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object, **options: object) -> None:
        raise ConnectionError("no storage account")

    monkeypatch.setattr(store, "replace", refuse)
    assert report.post_text(store, "one", clock.now)
    assert slack.texts() == ["one"]


def test_a_text_is_posted_and_waits_for_slack_if_it_can(
    store: Store,
    slack: Slack,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    post_to_slack("one")
    assert (slack.texts(), read_state(store).posts) == (["one"], ())
    slack.switch("down")
    for text in ("two", "two and a half"):
        post_to_slack(text)
    slack.switch("up")
    waiting = [post.message for post in read_state(store).posts]
    assert waiting == [{"text": "two"}, {"text": "two and a half"}]
    no_storage(monkeypatch)
    caplog.clear()
    post_to_slack("three")
    assert report.post_text(None, "four", clock.now)
    slack.switch("down")
    assert not report.post_text(None, "five", clock.now)

    assert slack.texts() == ["one", "three", "four"]
    assert [one.message for one in caplog.records if "could not be saved" in one.message] == []
