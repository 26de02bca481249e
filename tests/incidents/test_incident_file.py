"""The file of incidents: written by many processes at once, and nothing of it is lost."""

import multiprocessing
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from include.incidents.decide import Observation, decide
from include.incidents.incident import Event, Problem, Rating
from include.incidents.incident_file import FILE, Entry, Post, State, change_state, read_state
from include.incidents.report import record
from include.incidents.severity import Assessment, Impact, LastCheck
from include.publishing.azure_store import AzureStore
from include.publishing.store import ChangedMeanwhileError, Store
from local.azurite import client
from local.cloud import Cloud
from tests.incidents.samples import TUESDAY, failure, incident


def report_failure(store: Store, problem: Problem) -> tuple[Post, ...]:
    seen = Observation(TUESDAY, (problem,))
    return record(store, lambda state: decide(state.incidents, seen, TUESDAY), TUESDAY)[1]


def test_an_account_without_the_file_has_no_incidents(store: Store) -> None:
    assert read_state(store) == State()


def test_every_field_of_the_state_is_stored(store: Store) -> None:
    assessment = Assessment(Impact.WRONG, "Altered.", "Wrong numbers.", ("a",))
    full = replace(
        incident(),
        latest=replace(failure(), assessment=assessment, is_posted=True, is_deliberate=True),
        rating=Rating("low", "ana", "known", TUESDAY),
        closed_at=TUESDAY + timedelta(hours=1),
        ended_by="usace.load is green",
        returns=2,
        issue_url="https://github.example/7",
    )
    state = State(
        (full, incident("another")),
        LastCheck(TUESDAY, ("wrong",), {"a": "a is late."}, ("a", "b"), "v1", True),
        (Post(TUESDAY, Event.OPENED, (full,), False), Post(TUESDAY, message={"text": "x"})),
        (Entry(TUESDAY, Event.RECOVERED, full),),
    )

    change_state(store, lambda _: state)

    assert read_state(store) == state


@pytest.mark.parametrize("content", [b"", b"[]", b'{"incidents": [{"id": "of another version"}]}'])
def test_a_file_that_cannot_be_read_hides_no_failure(store: Store, content: bytes) -> None:
    store.write(FILE, content)

    assert len(report_failure(store, failure())) == 1
    assert len(read_state(store).open) == 1


def test_an_unchanged_state_is_not_written(store: Store) -> None:
    change_state(store, lambda state: state)

    assert store.read(FILE) is None


def report_at_once(url: str, problems: Sequence[Problem]) -> list[int]:
    """The number of messages that each of as many processes decides to post."""
    fork = multiprocessing.get_context("fork")
    all_ready, posted = fork.Barrier(len(problems)), fork.Queue()

    def process(problem: Problem) -> None:
        store = AzureStore(client(url))
        all_ready.wait()
        posted.put(len(report_failure(store, problem)))

    processes = [fork.Process(target=process, args=(one,), daemon=True) for one in problems]
    for each in processes:
        each.start()
    counts = [posted.get(timeout=120) for _ in problems]
    for each in processes:
        each.join()
    return counts


def test_twelve_processes_that_fail_at_once_for_one_cause_are_one_incident_and_one_message(
    azure_store: AzureStore, cloud: Cloud
) -> None:
    problems = [failure("Snowflake is down", task=f"load_{number}") for number in range(12)]

    assert sum(report_at_once(cloud.url("blob"), problems)) == 1

    [found] = read_state(azure_store).incidents
    assert sorted(found.tasks) == sorted(one.key for one in problems)


def test_twelve_processes_that_fail_at_once_for_other_causes_are_twelve_incidents(
    azure_store: AzureStore, cloud: Cloud
) -> None:
    words = [f"{first}{last}" for first in "bdf" for last in ("one", "two", "three", "four")]

    problems = [failure(word, run=word) for word in words]
    assert report_at_once(cloud.url("blob"), problems) == [1] * 12

    state = read_state(azure_store)
    assert sorted(one.latest.error for one in state.open) == sorted(words)
    assert len(state.posts) == len(state.entries) == 12


def test_a_change_that_others_precede_every_time_is_given_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed(*_: object, **__: object) -> None:
        raise ChangedMeanwhileError("another")

    monkeypatch.setattr(store, "replace", changed)
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)

    with pytest.raises(ChangedMeanwhileError):
        report_failure(store, failure())
    assert len(waits) == 39


def test_an_event_is_kept_until_the_warehouse_has_it(store: Store) -> None:
    report_failure(store, failure("one", dag="usace"))
    report_failure(store, failure("another", dag="epa"))
    state = read_state(store)
    first, second = state.entries
    assert state.without_entries([first]).entries == (second,)
    assert state.without_entries([]).entries == (first, second)


def test_a_sent_message_is_removed_and_its_incident_keeps_responder_and_issue() -> None:
    known = incident()
    post = Post(TUESDAY, Event.OPENED, (known,))
    other = Post(TUESDAY, message={"text": "another"})
    entry = Entry(TUESDAY, Event.OPENED, known)
    state = State((known, incident("x")), posts=(post, other), entries=(entry,))
    answered = replace(post, incidents=(replace(known, responder="Ana", issue_url="issue/7"),))

    after = state.without_posts([answered])

    assert after.posts == (other,)
    assert [(one.responder, one.issue_url) for one in after.incidents] == [
        ("Ana", "issue/7"),
        ("", ""),
    ]
    assert (after.entries[0].incident.responder, after.entries[0].id) == ("Ana", entry.id)


def test_a_later_message_without_an_issue_removes_no_issue() -> None:
    known = replace(incident(), issue_url="issue/7")
    post = Post(TUESDAY, Event.REMINDED, (replace(known, issue_url=""),))

    assert State((known,), posts=(post,)).without_posts([post]).incidents[0].issue_url == "issue/7"


def test_the_words_in_the_file_are_those_that_earlier_deployments_wrote() -> None:
    assert [impact.value for impact in Impact] == ["none", "late", "wrong"]
    assert [event.value for event in Event] == [
        "opened",
        "escalated",
        "returned",
        "reminded",
        "handed over",
        "rated",
        "recovered",
    ]
