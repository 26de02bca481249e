"""The audit's decision: promote, ask a person, or neither; and what it leaves for later tasks."""

import json
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256

import pytest
from airflow.sdk.exceptions import AirflowFailException

from include.pipeline import audit as module
from include.pipeline.audit import ask_a_person, audit_candidate, metrics_a_day_ago
from include.publishing.contract import parse
from include.publishing.holds import Hold, set_hold
from include.publishing.names import CANDIDATES_CONTAINER, candidate_file
from include.publishing.promotion_log import Promotion, log_promotion
from include.publishing.released import fingerprint
from include.publishing.reviews import Review, hold_reviewed, save_review
from include.publishing.store import MissingFileError, Place
from include.publishing.versions import PUBLISHED, AuditedCandidate, Version, version_name
from tests.pipeline.running import RUN, call, context_of, pushed
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release

PLACE = Place(CANDIDATES_CONTAINER, candidate_file("ddrc_metrics", RUN))
SCHOOLS = "schools_resumed"
OLD = file(metric(SCHOOLS, 100))
GREW, FELL = file(metric(SCHOOLS, 110)), file(metric(SCHOOLS, 10))
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "utc_now", lambda: NOW)


def audit(
    store: MemoryStore,
    content: bytes,
    released: bytes | None = None,
    asking: Collection[str] = (),
) -> tuple[str | None, AuditedCandidate | None]:
    """The next task, and the candidate for it; by default it is what the sources have released."""
    release(store, content if released is None else released)
    store.unload(PLACE, content)
    context = context_of("publish_metrics", "audit", asking=asking)
    following = call(audit_candidate("ddrc_metrics"), context)
    handed_on = pushed(context).get("candidate")
    return following, None if handed_on is None else AuditedCandidate.from_dict(handed_on)


def suspicious(store: MemoryStore, content: bytes) -> list[str]:
    """The suspicious differences of a candidate that a person has to review."""
    following, candidate = audit(store, content)
    assert following == "ask_a_person"
    assert candidate is not None
    return [str(one) for one in candidate.suspicious]


def test_a_valid_candidate_is_promoted_over_the_file_that_it_was_compared_with(
    store: MemoryStore,
) -> None:
    publish(store, OLD)

    following, candidate = audit(store, GREW)

    assert following == "promote"
    assert candidate is not None
    stored = store.need(PLACE)
    digest = sha256(GREW).hexdigest()
    assert candidate.version == Version(
        version_name(stored.modified_at, digest), digest, run=RUN, audit="valid"
    )
    assert candidate.replacing == store.need(PUBLISHED).etag
    assert candidate.place == PLACE
    assert [str(one) for one in candidate.differences] == ["schools_resumed: 100 → 110"]


def test_a_suspicious_candidate_needs_a_person(store: MemoryStore) -> None:
    publish(store, OLD)

    following, candidate = audit(store, FELL)

    assert following == "ask_a_person"
    assert candidate is not None
    [change] = candidate.suspicious
    assert str(change).startswith("schools_resumed: 100 → 10 (fell, and should not")
    assert candidate.version.audit == str(change)


def test_a_candidate_is_compared_with_what_the_public_sees_and_not_with_the_last_promotion(
    store: MemoryStore,
) -> None:
    publish(store, OLD)
    store.write(PUBLISHED, file(metric(SCHOOLS, 12)), store.need(PUBLISHED).metadata)
    [change] = suspicious(store, FELL)
    assert change.startswith("schools_resumed: 12 → 10 (fell")


def test_the_first_candidate_is_promoted_where_nothing_was(store: MemoryStore) -> None:
    following, candidate = audit(store, GREW)

    assert following == "promote"
    assert candidate is not None
    assert candidate.replacing is None


@pytest.mark.parametrize("candidate", [GREW, FELL, OLD])
def test_a_candidate_that_is_not_what_the_sources_have_released_is_not_published(
    candidate: bytes, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    publish(store, file(metric(SCHOOLS, 90)))
    caplog.set_level("INFO")
    assert audit(store, candidate, released=file(metric(SCHOOLS, 111))) == (None, None)
    assert "The sources have released other metrics since" in caplog.text


def test_during_a_hold_nothing_is_published(
    store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    publish(store, OLD)
    set_hold(store, Hold("v1", "Grace", "The count is wrong", NOW, "manual 1"))

    assert audit(store, GREW) == (None, None)
    assert "Nothing is published: Grace holds v1" in caplog.text


def test_the_same_metrics_are_not_published_again(store: MemoryStore) -> None:
    publish(store, OLD)
    assert audit(store, OLD) == (None, None)


def test_a_candidate_that_breaks_the_contract_fails_and_says_what_the_public_sees(
    store: MemoryStore,
) -> None:
    publish(store, OLD)
    with pytest.raises(AirflowFailException) as caught:
        audit(store, file(metric(SCHOOLS, -1)))
    assert SCHOOLS in str(caught.value)
    assert str(caught.value).endswith(". The public file stays as it was.")
    assert store.need(PUBLISHED).content == OLD


def test_a_run_without_a_candidate_fails(store: MemoryStore) -> None:
    with pytest.raises(MissingFileError):
        call(audit_candidate("ddrc_metrics"), context_of("publish_metrics", "audit"))


@pytest.mark.parametrize("gone", [None, b"<html>"])
def test_without_a_valid_public_file_a_candidate_is_compared_with_the_last_promoted_version(
    gone: bytes | None, store: MemoryStore
) -> None:
    publish(store, file(metric("a", 90)), "v1")
    publish(store, file(metric("a", 101)), "v2", at=NOW + timedelta(minutes=1))
    if gone is None:
        store.delete(PUBLISHED)
    else:
        store.write(PUBLISHED, gone)

    [fell] = suspicious(store, file(metric("a", 0)))
    assert fell.startswith("a: 101 → 0 (")
    following, candidate = audit(store, file(metric("a", 102)))
    assert following == "promote"
    assert candidate is not None
    served = store.read(PUBLISHED)
    assert candidate.replacing == (served.etag if served else None)


def asked_about(store: MemoryStore, content: bytes) -> Review:
    """The open question about a candidate, compared with what is public now."""
    metrics = fingerprint(parse(content, NOW))
    review = Review("for_earlier", metrics, store.need(PUBLISHED).etag, NOW - HOUR)
    save_review(store, review)
    return review


def test_nobody_is_asked_twice_about_the_same_metrics_while_a_run_asks(store: MemoryStore) -> None:
    publish(store, OLD)
    review = asked_about(store, FELL)

    assert audit(store, FELL, asking=[review.run]) == (None, None)
    assert audit(store, GREW, asking=[review.run])[0] == "promote", "other metrics do not wait"


def test_a_question_is_asked_again_if_its_run_was_killed(store: MemoryStore) -> None:
    publish(store, OLD)
    asked_about(store, FELL)
    assert audit(store, FELL, asking=["for_another"])[0] == "ask_a_person"


def test_a_question_is_asked_again_if_another_file_is_served(store: MemoryStore) -> None:
    publish(store, OLD, "v1")
    review = asked_about(store, FELL)
    publish(store, OLD, "v2", at=NOW + timedelta(minutes=1))
    assert audit(store, FELL, asking=[review.run])[0] == "ask_a_person"


@pytest.mark.parametrize(
    ("person", "hours", "following"),
    [
        ("Ada", 1, None),
        ("Ada", 23.9, None),
        ("Ada", 24, "ask_a_person"),
        ("", 0, "ask_a_person"),
    ],
)
def test_a_person_who_held_metrics_is_asked_again_after_a_day_and_without_an_answer_at_once(
    person: str, hours: float, following: str | None, store: MemoryStore
) -> None:
    publish(store, OLD)
    review = asked_about(store, FELL)
    hold_reviewed(store, review.run, person, "Counted again", NOW - hours * HOUR)
    assert audit(store, FELL)[0] == following


def test_a_value_that_creeps_up_by_a_quarter_each_hour_is_reviewed_within_a_day(
    store: MemoryStore,
) -> None:
    publish(store, file(metric("a", 100)), "v100", at=NOW - 25 * HOUR)
    publish(store, file(metric("a", 1_000)), "v1000", at=NOW - 24 * HOUR)
    publish(store, file(metric("a", 1_240)), "v1240", at=NOW - 1 * HOUR)
    change = "a: 1,240 → 1,537 (changed by more than 25% in a day, from 1,000)"
    assert suspicious(store, file(metric("a", 1_537))) == [change]
    assert audit(store, file(metric("a", 1_250)))[0] == "promote"


@pytest.mark.parametrize("person", ["Ada", "Grace"])
def test_after_a_persons_decision_slow_changes_are_added_up_from_the_new_value(
    person: str, store: MemoryStore
) -> None:
    publish(store, file(metric("a", 1_000)), "v1000", at=NOW - 30 * HOUR)
    publish(store, file(metric("a", 1_500)), "v1500", at=NOW - 2 * HOUR, decided_by=person)
    publish(store, file(metric("a", 1_800)), "v1800", at=NOW - 1 * HOUR)
    assert audit(store, file(metric("a", 1_870)))[0] == "promote"
    change = "a: 1,800 → 1,880 (changed by more than 25% in a day, from 1,500)"
    assert suspicious(store, file(metric("a", 1_880))) == [change]


@pytest.mark.parametrize(
    ("promoted", "start"),
    [
        ([], None),
        # Within the first day, the first values.
        ([(3, 1, ""), (2, 2, ""), (1, 3, "")], 1),
        # Later, those that were public a day ago.
        ([(49, 1, ""), (25, 2, ""), (23, 3, "")], 2),
        ([(49, 1, ""), (24, 2, ""), (23, 3, "")], 2),
        # Or those that a person has approved or restored since.
        ([(49, 1, ""), (5, 2, "Ada"), (4, 3, "")], 2),
        ([(49, 1, ""), (5, 2, "Ada"), (4, 3, "Ada")], 3),
        ([(49, 1, "Ada"), (25, 2, ""), (4, 3, "")], 2),
    ],
)
def test_the_values_of_a_day_ago_begin_at_a_promotion(
    promoted: list[tuple[int, int, str]], start: int | None, store: MemoryStore
) -> None:
    for hours, value, person in promoted:
        name = f"v{value}"
        publish(store, file(metric("a", value)), name, at=NOW - hours * HOUR, decided_by=person)
    assert [one.value for one in metrics_a_day_ago(store, NOW)] == (
        [] if start is None else [start]
    )


def test_a_day_that_begins_at_a_version_that_is_gone_has_no_values(store: MemoryStore) -> None:
    log_promotion(store, Promotion(NOW, Version("gone", "f", "run", "valid")))
    assert metrics_a_day_ago(store, NOW) == []


def test_the_review_is_a_run_of_its_own_that_gets_the_candidate() -> None:
    asks = ask_a_person()
    assert asks.task_id == "ask_a_person"
    assert asks.trigger_dag_id == "approve_change"
    assert asks.trigger_run_id == "for_{{ run_id }}"
    assert asks.reset_dag_run is True, "a cleared audit asks again"
    [(key, template)] = (asks.conf or {}).items()
    assert key == "candidate"
    rendered = asks.get_template_env().from_string(template)
    pulled = {("audit", "candidate"): {"path": "x.json"}}
    instance = context_of(xcoms=pulled)["ti"]
    assert json.loads(rendered.render(ti=instance)) == {"path": "x.json"}
