"""The audit's decision: promote, ask a person, or neither; and what it leaves for later tasks."""

import json
from hashlib import sha256

import pytest
from airflow.sdk.exceptions import AirflowFailException

from include.pipeline.audit import ask_a_person, audit_candidate
from include.publishing.holds import Hold, set_hold
from include.publishing.names import CANDIDATES_CONTAINER, candidate_file
from include.publishing.store import MissingFileError, Place
from include.publishing.versions import PUBLISHED, AuditedCandidate, Version, version_name
from tests.pipeline.running import RUN, call, context_of, pushed
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import file, metric, publish

PLACE = Place(CANDIDATES_CONTAINER, candidate_file("ddrc_metrics", RUN))
OLD = file(metric("schools_resumed", 100))
GREW, FELL = file(metric("schools_resumed", 110)), file(metric("schools_resumed", 10))


def audit(store: MemoryStore, content: bytes) -> tuple[str | None, AuditedCandidate | None]:
    """The next task, and the candidate for it."""
    store.unload(PLACE, content)
    context = context_of("publish_metrics", "audit")
    following = call(audit_candidate("ddrc_metrics"), context)
    handed_on = pushed(context).get("candidate")
    return following, None if handed_on is None else AuditedCandidate.from_dict(handed_on)


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
    assert Version.from_metadata(stored.metadata) == candidate.version


def test_a_suspicious_candidate_needs_a_person(store: MemoryStore) -> None:
    publish(store, OLD)

    following, candidate = audit(store, FELL)

    assert following == "ask_a_person"
    assert candidate is not None
    assert candidate.version.audit == (
        "schools_resumed: 100 → 10 (fell, and should not; changed by more than 25%)"
    )
    assert Version.from_metadata(store.need(PLACE).metadata) == candidate.version


def test_the_first_candidate_is_promoted_where_nothing_was(store: MemoryStore) -> None:
    following, candidate = audit(store, GREW)

    assert following == "promote"
    assert candidate is not None
    assert candidate.replacing is None


def test_during_a_hold_nothing_is_published(
    store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    publish(store, OLD)
    set_hold(store, Hold("v1", "Grace", "The count is wrong", "2026-11-24T15:00Z"))

    assert audit(store, GREW) == (None, None)
    assert "Grace holds v1" in caplog.text
    assert store.need(PLACE).metadata == {}


def test_the_same_metrics_are_not_published_again(store: MemoryStore) -> None:
    publish(store, OLD)
    assert audit(store, OLD) == (None, None)
    assert store.need(PLACE).metadata == {}


def test_a_candidate_that_breaks_the_contract_fails_and_says_what_the_public_sees(
    store: MemoryStore,
) -> None:
    publish(store, OLD)
    with pytest.raises(AirflowFailException) as caught:
        audit(store, file(metric("schools_resumed", -1)))
    assert "schools_resumed" in str(caught.value)
    assert str(caught.value).endswith(". The public file stays as it was.")
    assert store.need(PUBLISHED).content == OLD


def test_a_run_without_a_candidate_fails(store: MemoryStore) -> None:
    with pytest.raises(MissingFileError):
        call(audit_candidate("ddrc_metrics"), context_of("publish_metrics", "audit"))


def test_nobody_is_asked_twice_about_the_same_metrics(store: MemoryStore) -> None:
    publish(store, OLD)
    waiting = Place(CANDIDATES_CONTAINER, "ddrc_metrics/earlier.json")
    store.unload(waiting, FELL)
    store.set_metadata(
        waiting,
        Version("v2", sha256(FELL).hexdigest(), run="earlier", audit="fell").as_metadata(),
    )

    assert audit(store, FELL) == (None, None)
    assert audit(store, GREW)[0] == "promote", "a valid candidate waits for nobody"


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
