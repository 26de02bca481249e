"""The review of a suspicious candidate: which one it is, and whether the answer still applies."""

import json
from dataclasses import replace
from hashlib import sha256
from types import SimpleNamespace
from typing import cast

import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException

from include.pipeline.approve import candidate_of, newer_version, recheck
from include.pipeline.audit import ask_a_person, waiting_run
from include.publishing.differences import Difference
from include.publishing.names import CANDIDATES_CONTAINER
from include.publishing.store import Place, Store
from include.publishing.versions import PUBLISHED, AuditedCandidate, Version
from tests.publishing.samples import file, metric, publish

SERVED, NEW = file(metric("a", 100), metric("b", 5)), file(metric("a", 10), metric("b", 5))
FELL = Difference("a", 100.0, 10.0, "fell, and should not")


def candidate(store: Store) -> AuditedCandidate:
    """A stored candidate in which one metric fell, audited against the served file."""
    place = Place(CANDIDATES_CONTAINER, "ddrc_metrics/run.json")
    store.write(place, NEW)
    version = Version("v2", sha256(NEW).hexdigest(), run="run 2", audit=str(FELL))
    store.set_metadata(place, version.as_metadata())
    return AuditedCandidate(place.path, version, store.need(PUBLISHED).etag, (FELL,))


def run_with(conf: dict[str, object] | None) -> Context:
    return cast("Context", {"dag_run": SimpleNamespace(conf=conf)})


@pytest.mark.parametrize("conf", [None, {}, {"candidate": "{}"}, {"candidate": {}}])
def test_a_run_without_a_candidate_fails_with_what_to_do(conf: dict[str, object] | None) -> None:
    with pytest.raises(AirflowFailException, match=r"not an audited candidate.*ask_a_person"):
        candidate_of(run_with(conf))


def test_a_run_gets_its_candidate_from_the_run_that_asks() -> None:
    sent = AuditedCandidate("x.json", Version("v2", "f", "run", "valid"), None, (FELL,))
    [key] = ask_a_person().conf or {}
    assert candidate_of(run_with({key: json.dumps(sent.as_dict())})) == sent


def test_a_candidate_stays_as_it_was_if_the_served_file_did(store: Store) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    assert recheck(store, asked) == asked


def test_a_candidate_replaces_a_newer_served_file_if_the_reviewer_saw_every_suspicion(
    store: Store,
) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    publish(store, file(metric("a", 99), metric("b", 5)), "v1b")
    assert recheck(store, asked) == replace(asked, replacing=store.need(PUBLISHED).etag)


def test_a_suspicious_difference_that_the_reviewer_did_not_see_is_refused(store: Store) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    publish(store, file(metric("a", 99), metric("b", 50)), "v1b")
    with pytest.raises(AirflowFailException, match="b: 50 → 5") as caught:
        recheck(store, asked)
    assert "a: 99" not in str(caught.value)


def test_a_newer_candidate_or_served_version_replaces_a_candidate(store: Store) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    assert newer_version(store, asked) is None
    newer = Place(CANDIDATES_CONTAINER, "ddrc_metrics/later.json")
    store.write(newer, NEW)
    store.set_metadata(newer, {"version": "v3"})
    assert newer_version(store, asked) == "v3"
    publish(store, file(metric("a", 98)), "v4")
    assert newer_version(store, asked) == "v4"


def test_the_same_candidate_of_another_run_is_already_waiting(store: Store) -> None:
    publish(store, SERVED)
    waiting = candidate(store).version
    again = replace(waiting, version="v3", run="run 3")
    assert waiting_run(store, again) == "run 2"
    assert waiting_run(store, waiting) is None
    assert waiting_run(store, replace(again, sha256="0" * 64)) is None
