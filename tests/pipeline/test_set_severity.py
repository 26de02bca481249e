"""A person's severity: it stays, is posted with the reason, and calls whoever is on duty."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from include.incidents.decide import Observation, decide
from include.incidents.incident import PUBLIC_FILE, TASKS, Event, Incident, Problem
from include.incidents.incident_file import Entry, State, change_state, read_state
from include.incidents.on_call import declared_rotation
from include.incidents.report import report
from include.incidents.severity import HIGH, LOW
from tests.incidents.sample_incidents import ALTERED, failed, incident, over
from tests.pipeline.running import call, context_of
from tests.publishing.memory_store import MemoryStore
from tests.slack import Slack

# The package has a function of the same name.
module = import_module("include.pipeline.set_severity")
OFFICE = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)  # 2 p.m. on a Tuesday, in California
NIGHT = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)  # 3 a.m. on the Wednesday
REASON = "The county said that parcels are counted twice"
LOAD, FILE = incident(failed()), incident(ALTERED)
STAFF, PERSON = "<!subteam^SSTAFF>", "<@UPERSON>"


@pytest.fixture(autouse=True)
def mentions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Slack id for the staff, and one for whoever is on call."""
    people = {name for turns in declared_rotation().rotations for name in turns.people}
    ids = {"CalData or Analytica staff": "SSTAFF", **dict.fromkeys(people, "UPERSON")}
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_MENTIONS", json.dumps(ids))


def save(store: MemoryStore, *incidents: Incident) -> None:
    change_state(store, lambda state: State(incidents))


def rate(now: datetime, severity: str = HIGH, name: str | None = LOAD.id, **changes: Any) -> None:
    """Trigger the DAG at a time."""
    params = {"severity": severity, "incident": name, "reason": REASON, "by": "grace"} | changes
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "utc_now", lambda: now)
        call(module.set_severity(), context_of("set_severity", "set_severity", **params))


@pytest.mark.parametrize(
    ("severity", "now", "called"),
    [
        (HIGH, OFFICE, [STAFF, "by Tue Nov 24, 2:30 PM PST"]),
        (HIGH, NIGHT, [PERSON, "by Wed Nov 25, 4:00 AM PST"]),
        (LOW, OFFICE, [STAFF, "by Tue Nov 24, 5:00 PM PST"]),
        (LOW, NIGHT, ["work starts Wed Nov 25, 9:00 AM PST"]),
    ],
)
def test_slack_says_who_set_it_and_why_and_calls_who_is_on_duty_at_this_hour(
    severity: str, now: datetime, called: list[str], store: MemoryStore, slack: Slack
) -> None:
    save(store, LOAD)
    rate(now, severity)
    [message] = slack.messages()
    said = json.dumps(message, ensure_ascii=False)
    assert severity.upper() in message["text"]
    assert f"grace set it: {REASON}" in said
    assert all(one in message["text"] for one in called)
    assert {one for one in (STAFF, PERSON) if one in said} <= set(called)


def test_the_severity_and_the_reason_are_kept_and_logged(store: MemoryStore, slack: Slack) -> None:
    save(store, LOAD, FILE)
    rate(NIGHT, name=f" {LOAD.id} ", reason=f" {REASON} ")
    state = read_state(store)
    rated, other = state.open
    if rated.id != LOAD.id:
        rated, other = other, rated
    assert other == FILE
    assert rated.rating is not None
    assert (rated.rating.severity, rated.rating.person, rated.rating.at) == (HIGH, "grace", NIGHT)
    assert rated.rating.reason == REASON
    assert rated.is_high(NIGHT)
    [entry] = state.entries
    assert entry == Entry(NIGHT, Event.RATED, entry.incident, entry.id)
    assert (entry.incident.id, entry.incident.rating) == (LOAD.id, rated.rating)
    assert state.posts == (), "Slack has it"


@pytest.mark.parametrize("name", ["", None])
def test_the_only_open_incident_needs_no_name(
    name: str | None, store: MemoryStore, slack: Slack
) -> None:
    save(store, LOAD, over(FILE, timedelta(hours=1)))
    rate(NIGHT, name=name)
    assert [one.is_high(NIGHT) for one in read_state(store).open] == [True]


@pytest.mark.parametrize(
    ("open_ones", "name", "said"),
    [
        (
            (LOAD, FILE),
            "nonsense",
            f"No incident nonsense is open; nothing was changed. Open are: {LOAD.id}, {FILE.id}.",
        ),
        (
            (LOAD, FILE),
            "",
            f"Name the incident; nothing was changed. Open are: {LOAD.id}, {FILE.id}.",
        ),
        (
            (LOAD, over(FILE, timedelta(hours=1))),
            FILE.id,
            f"No incident {FILE.id} is open; nothing was changed. Open are: {LOAD.id}.",
        ),
        ((), LOAD.id, f"No incident {LOAD.id} is open; nothing was changed. None is open."),
        ((), "", "Name the incident; nothing was changed. None is open."),
    ],
)
def test_without_such_an_incident_nothing_changes_and_the_open_ones_are_named(
    open_ones: tuple[Incident, ...], name: str, said: str, store: MemoryStore, slack: Slack
) -> None:
    save(store, *open_ones)
    before = read_state(store)
    with pytest.raises(AirflowSkipException) as refused:
        rate(NIGHT, name=name)
    assert str(refused.value) == said
    assert read_state(store) == before
    assert slack.messages() == []


@pytest.mark.parametrize(
    ("opened", "severity", "seen"),
    [(LOAD, HIGH, failed(tries=4)), (FILE, LOW, ALTERED)],
)
def test_the_watch_does_not_change_what_a_person_has_set(
    opened: Incident, severity: str, seen: Problem, store: MemoryStore, slack: Slack
) -> None:
    save(store, opened)
    rate(NIGHT, severity, opened.id)
    later = NIGHT + timedelta(minutes=15)
    found = Observation(later, (replace(seen, at=later),), frozenset({TASKS, PUBLIC_FILE}))

    report(store, lambda state: decide(state.incidents, found, later), later)

    assert [one.severity(later) for one in read_state(store).open] == [severity]
    assert len(slack.messages()) == 1, "nothing else is posted"


def test_a_severity_that_slack_did_not_get_is_kept_and_sent_later(
    store: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.incidents.slack._TRIES", 1)
    save(store, LOAD)
    slack.switch("down")
    rate(NIGHT)
    state = read_state(store)
    assert [one.is_high(NIGHT) for one in state.open] == [True]
    assert [(one.event, one.calls) for one in state.posts] == [(Event.RATED, True)]


def test_a_run_that_nobody_is_known_to_have_triggered_is_somebodys(
    store: MemoryStore, slack: Slack
) -> None:
    save(store, LOAD)
    rate(NIGHT, by=None)
    assert [one.rating.person for one in read_state(store).open if one.rating] == ["somebody"]
