"""The file of a DAG's open incidents: its content, and updates that meet another one."""

import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from include.incidents.incident import Event, Incident, new_incident
from include.incidents.open_incidents import (
    all_open_incidents,
    open_incidents,
    record_failure,
    record_success,
    save_response,
)
from include.incidents.severity import HIGH, Assessment
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import ChangedMeanwhileError, Place
from tests.incidents.samples import LOW_SEVERITY, TUESDAY, failure
from tests.publishing.memory_store import MemoryStore

FILE = Place(VERSIONS_CONTAINER, "incidents/open/usace.json")
HIGH_SEVERITY = replace(LOW_SEVERITY, severity=HIGH)
LATER = TUESDAY + timedelta(hours=1)


def stored(store: MemoryStore, place: Place = FILE) -> object:
    """The content of the file."""
    return json.loads(store.need(place).content)


def as_json(*incidents: Incident) -> object:
    """The content of a file with these incidents."""
    return json.loads(json.dumps([incident.as_dict() for incident in incidents]))


def test_the_file_of_a_dag_holds_its_open_incidents_oldest_first(store: MemoryStore) -> None:
    first, second = failure("out of reach"), failure("no token")
    for one in (first, second, failure("another", dag="epa")):
        record_failure(store, one, LOW_SEVERITY)

    expected = [new_incident(first, LOW_SEVERITY), new_incident(second, LOW_SEVERITY)]
    assert open_incidents(store, "usace") == expected
    assert stored(store) == as_json(*expected)
    assert open_incidents(store, "malibu") == []


def test_the_open_incidents_of_all_dags_are_ordered_by_time(store: MemoryStore) -> None:
    for hour, (dag, error) in enumerate([("usace", "a"), ("epa", "b"), ("usace", "c")]):
        at = TUESDAY + timedelta(hours=hour)
        record_failure(store, failure(error, dag=dag, at=at), LOW_SEVERITY)
    elsewhere = Place(VERSIONS_CONTAINER, "incidents/events/malibu.json")
    store.write(elsewhere, b"not an incident")

    found = all_open_incidents(store)

    assert [(incident.dag, incident.error) for incident in found] == [
        ("usace", "a"), ("epa", "b"), ("usace", "c"),
    ]  # fmt: skip


def test_a_known_failure_changes_only_its_incident(store: MemoryStore) -> None:
    _, one = record_failure(store, failure("out of reach"), LOW_SEVERITY)
    _, two = record_failure(store, failure("no token"), LOW_SEVERITY)
    again = failure("no token", run="run 2", at=LATER)

    event, incident = record_failure(store, again, LOW_SEVERITY)

    assert event is None
    assert incident == two.recurred(again, LOW_SEVERITY)
    assert open_incidents(store, "usace") == [one, incident]


@pytest.mark.parametrize(
    ("assessment", "hours", "event"),
    [
        (HIGH_SEVERITY, 1, Event.ESCALATED),
        (HIGH_SEVERITY, 5, Event.ESCALATED),
        (LOW_SEVERITY, 4, Event.REMINDED),
    ],
)
def test_a_posted_event_is_counted_with_its_time(
    assessment: Assessment, hours: int, event: Event, store: MemoryStore
) -> None:
    record_failure(store, failure(), LOW_SEVERITY)
    at = TUESDAY + timedelta(hours=hours)

    posted, incident = record_failure(store, failure(run="2", at=at), assessment)

    assert posted is event
    assert (incident.notified_at, incident.reminders, incident.runs) == (at, 1, 2)
    assert open_incidents(store, "usace") == [incident]


def test_a_high_incident_that_becomes_low_is_recorded_quietly(store: MemoryStore) -> None:
    record_failure(store, failure(), HIGH_SEVERITY)

    event, incident = record_failure(store, failure(run="2", at=LATER), LOW_SEVERITY)

    assert (event, incident.severity, incident.notified_at) == (None, "low", TUESDAY)


def test_a_success_closes_one_incident_and_leaves_the_others(store: MemoryStore) -> None:
    for error, task in [("a", "load_a"), ("b", "load_a"), ("b", "load_b"), ("c", "load_c")]:
        record_failure(store, failure(error, dag="malibu", task=task), LOW_SEVERITY)
    a, b, c = open_incidents(store, "malibu")

    closed = record_success(store, "malibu", "load_a", LATER)

    assert closed == [replace(a, closed_at=LATER)]
    assert open_incidents(store, "malibu") == [replace(b, tasks=("load_b",)), c]


def test_a_success_without_an_incident_writes_nothing(store: MemoryStore) -> None:
    record_failure(store, failure(), LOW_SEVERITY)
    before = store.need(FILE).etag

    assert record_success(store, "usace", "unload", LATER) == []
    assert record_success(store, "epa", "load", LATER) == []

    assert store.need(FILE).etag == before
    assert store.read(Place(VERSIONS_CONTAINER, "incidents/open/epa.json")) is None


def test_the_response_is_saved_in_its_incident_only_and_once(store: MemoryStore) -> None:
    _, one = record_failure(store, failure("out of reach"), LOW_SEVERITY)
    _, two = record_failure(store, failure("no token"), LOW_SEVERITY)
    answered = replace(two, responder="Ana", issue_url="https://issue", error="not saved")

    save_response(store, answered)
    etag = store.need(FILE).etag
    save_response(store, answered)

    assert store.need(FILE).etag == etag
    assert open_incidents(store, "usace") == [
        one,
        replace(two, responder="Ana", issue_url="https://issue"),
    ]


class Contended:
    """Writes of a store that somebody else was quicker than, this many times."""

    def __init__(self, store: MemoryStore, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tried = 0
        self.waits: list[float] = []
        self._times, self._replace = times, store.replace
        monkeypatch.setattr(store, "replace", self)
        monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=self.waits.append))

    def __call__(self, place: Place, content: bytes, *, replacing: str | None) -> None:
        self.tried += 1
        if self.tried <= self._times:
            raise ChangedMeanwhileError("somebody else was quicker")
        self._replace(place, content, replacing=replacing)


def test_an_update_is_repeated_eleven_times_then_it_succeeds(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    contended = Contended(store, 11, monkeypatch)

    event, incident = record_failure(store, failure(), LOW_SEVERITY)

    assert event is Event.OPENED
    assert open_incidents(store, "usace") == [incident]
    assert contended.tried == 12


def test_after_twelve_tries_the_update_fails(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    contended = Contended(store, 50, monkeypatch)

    with pytest.raises(ChangedMeanwhileError):
        record_failure(store, failure(), LOW_SEVERITY)

    assert contended.tried == 12
    assert len(contended.waits) == 11


@pytest.mark.parametrize(("chance", "wait"), [(0.0, 0.05), (1.0, 0.5)])
def test_the_tries_are_apart_by_a_random_twentieth_to_half_a_second(
    chance: float, wait: float, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    contended = Contended(store, 1, monkeypatch)
    monkeypatch.setattr("tenacity.wait.random", SimpleNamespace(random=lambda: chance))

    record_failure(store, failure(), LOW_SEVERITY)

    assert contended.waits == [pytest.approx(wait)]


def test_another_error_of_the_store_is_not_repeated(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Place] = []

    def gone(place: Place, content: bytes, *, replacing: str | None) -> None:
        tried.append(place)
        raise ConnectionError("no storage account")

    monkeypatch.setattr(store, "replace", gone)
    with pytest.raises(ConnectionError):
        record_failure(store, failure(), LOW_SEVERITY)
    assert tried == [FILE]
